"""How a Hub takes commands: from its own process, and from clients that may ask again."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message

from sessionstream.accepted import Submission
from sessionstream.accepting import Accepting
from sessionstream.arguments import check_text, check_whole
from sessionstream.closing import Phase
from sessionstream.commands import Commands
from sessionstream.errors import HubClosedError
from sessionstream.hub_base import HubBase
from sessionstream.payloads import check_payload, copy_payload
from sessionstream.publishing import NamedPayload, Publishing, SessionPublisher
from sessionstream.schema import CommandType, SchemaRegistry
from sessionstream.transport.source import Receipt
from sessionstream.types import Command, Event, check_session_id


class HubCommands(HubBase):
    """The part of `Hub` that runs commands."""

    registry: SchemaRegistry
    _commands: Commands
    _accepting: Accepting
    _publishing: Publishing

    async def submit(self, session_id: str, name: str, payload: Message) -> None:
        """Runs a command and returns when its handler has returned.

        Cancelling the call cancels the handler. What it has published stays.

        Raises:
            SessionIdError: The session id is unusable.
            UnknownNameError: No such command.
            PayloadTypeError: The payload is not the command's message.
            HandlerError: The command has no handler.
            HubClosedError: The Hub is closed, or closed while the handler ran on.
            Exception: What the handler raised, unwrapped.
        """
        self._require_open("submit")
        command, _ = self._checked(session_id, name, payload)
        with self._working_lane(session_id) as lane:
            publisher = SessionPublisher(session_id, self._publish)
            await self._commands.run(command, lambda: self._sessions.open(lane), publisher)

    async def accept(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str,
        expected_ordinal: int | None = None,
        principal: str = "",
    ) -> Receipt:
        """Takes in a command that its client names with an id, and returns once it is stored.

        It then runs by itself, and the receipt's outcome tells how it ended,
        once that is stored too. Cancelling the call cancels nothing. A command
        whose id is known in the session, running or stored, is answered with
        the first one's outcome; one that was cut off, with a failure of the
        code ``interrupted``, unless it is declared ``idempotent``: that is run again.
        The payload is not compared: a client that has another command to give,
        with whatever payload, gives it an id of its own.

        Args:
            session_id: The session.
            name: The command's.
            payload: It is copied.
            command_id: Made by the client, which repeats it when it asks again.
            expected_ordinal: Refuses the command where the session's last
                event has another ordinal.
            principal: The id of whoever gives it, "" where nobody is named.

        Raises:
            ValueError: The command's id is empty, or it or the principal is no
                valid Unicode.
            CommandIdReusedError: The command's id is known in the session, as
                that of a command of another name or of another principal.
            SessionStreamError: As listed at `submit`; or the record can't be
                stored, and the command is not run.
        """
        self._require_open("accept")
        command, command_type = self._checked(session_id, name, payload)
        check_text("a command's id", command_id)
        if principal:
            check_text("a principal's id", principal)
        if expected_ordinal is not None:
            check_whole("expected_ordinal", expected_ordinal)
        with self._working_lane(session_id):
            submission = Submission(
                command=command,
                type=command_type,
                command_id=command_id,
                principal=principal,
                expected=expected_ordinal,
            )
            return await self._accepting.accept(submission)

    def _checked(
        self, session_id: str, name: str, payload: Message
    ) -> tuple[Command[Message], CommandType[Message]]:
        check_session_id(session_id)
        command_type = self.registry.command_type(name)
        check_payload("command", command_type.name, command_type.message_type, payload)
        self._commands.handler(command_type.name)
        payload = copy_payload(payload)
        return Command(session_id=session_id, name=command_type.name, payload=payload), command_type

    def _busy(self, session_id: str) -> bool:
        return self._commands.busy(session_id) or self._accepting.busy(session_id)

    async def _publish(
        self, session_id: str, events: Iterable[NamedPayload]
    ) -> list[Event[Message]]:
        """For work that was accepted before the Hub began to close."""
        if self._phase is Phase.CLOSED:
            raise HubClosedError("publish")
        return await self._publishing.publish(session_id, events)
