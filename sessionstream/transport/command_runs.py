"""Runs the commands of one connection: the hook, the Hub, what becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakValueDictionary

from sessionstream.errors import (
    CommandIdReusedError,
    HandlerError,
    HubClosedError,
    SchemaError,
    SessionIdError,
    StoreError,
    UnknownNameError,
)
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Action, Run
from sessionstream.transport.codes import ErrorCode
from sessionstream.transport.gate import Gate
from sessionstream.transport.protocol import ServerProtocol
from sessionstream.transport.source import Receipt, SessionSource

logger = logging.getLogger("sessionstream.transport")


class CommandRuns:
    """Hands commands in, those of one session in the order in which they were sent.

    Cancelling a run ends the waiting for its outcome, and never the command.
    """

    def __init__(
        self,
        source: SessionSource,
        gate: Gate,
        protocol: ServerProtocol,
        perform: Callable[[list[Action]], None],
    ) -> None:
        self._source = source
        self._gate = gate
        self._commands = protocol.commands
        self._perform = perform
        # One for each session of which a command is being handed in.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, run: Run, principal: Principal | None) -> None:
        """Asks, hands in, and tells the outcome."""
        turn = self._turns.setdefault(run.session_id, asyncio.Lock())
        async with turn:
            receipt = await self._handed_in(run, principal)
        if receipt is None:
            return
        self._perform(self._commands.received(run, receipt))
        if receipt.outcome is not None:
            self._perform(self._commands.ended(run, await receipt.outcome))

    async def _handed_in(self, run: Run, principal: Principal | None) -> Receipt | None:
        if principal is None or not await self._gate.may_command(
            principal, run.session_id, run.name, run.payload
        ):
            code, message = ErrorCode.COMMAND_DENIED, "this command may not be given"
        else:
            try:
                return await self._source.accept(
                    run.session_id,
                    run.name,
                    run.payload,
                    command_id=run.command_id,
                    expected_ordinal=run.expected_ordinal,
                    principal=principal.id,
                )
            except Exception as error:  # a border: the client gets no text of what is unexpected
                code, message = _refusal(error, run)
        self._perform(self._commands.refused(run, code, message))
        return None


def _refusal(error: Exception, run: Run) -> tuple[ErrorCode, str]:
    match error:
        case UnknownNameError():
            return ErrorCode.UNKNOWN_COMMAND, f"there is no command {run.name[:80]!r}"
        case SchemaError():
            return ErrorCode.BAD_PAYLOAD, "the payload can't be taken"
        case HandlerError():
            return ErrorCode.NO_HANDLER, f"nothing handles the command {run.name!r}"
        case CommandIdReusedError():
            return ErrorCode.COMMAND_ID_REUSED, "this commandId is that of another command"
        case SessionIdError():
            return ErrorCode.PROTOCOL_ERROR, str(error)
        case HubClosedError():
            return ErrorCode.UNAVAILABLE, "the server is ending; try again"
        case StoreError():
            logger.exception("a command could not be stored", extra={"session_id": run.session_id})
            return ErrorCode.UNAVAILABLE, "the command could not be stored; try again"
        case _:
            logger.exception("a command was not taken in", extra={"session_id": run.session_id})
            return ErrorCode.UNAVAILABLE, "the command could not be taken in"
