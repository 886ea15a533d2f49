"""One command that a client named with an id, from its arrival to its stored end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from sessionstream.errors import CommandIdReusedError
from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.schema import CommandType
from sessionstream.transport.source import Verdict
from sessionstream.types import Command, escaped

# Codes of commands that failed.
FAILED = "failed"
INTERRUPTED = "interrupted"

# Of an unexpected exception a client learns nothing more.
_FAILED_TEXT = "the command failed"
_INTERRUPTED_TEXT = "the server stopped during the command; a part of it may have been done"


@dataclass(frozen=True, slots=True)
class Ending:
    """A `readings.Outcome`: a future that holds no exception."""

    end: asyncio.Future[CommandRecord]

    def __await__(self) -> Generator[object, None, CommandRecord]:
        return asyncio.shield(self.end).__await__()

    def then(self, call: Callable[[], object]) -> None:
        """Calls this on the event loop once the command has ended."""
        self.end.add_done_callback(lambda _: call())


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a client sent. ``principal`` is the id of the client, "" where nobody was named."""

    command: Command[Message]
    type: CommandType[Message]
    command_id: str
    principal: str
    expected: int | None

    @property
    def key(self) -> tuple[str, str]:
        """What no other command has."""
        return self.command.session_id, self.command_id

    def accepted(self) -> CommandRecord:
        """Returns the record to store before it runs."""
        return CommandRecord(
            command_id=self.command_id,
            name=self.command.name,
            status=CommandStatus.ACCEPTED,
            ordinal=0,
            at=time.time(),
            principal=self.principal,
        )

    def check_same(self, name: str, principal: str) -> None:
        """Refuses to be what the id names already, unless that has this name and principal.

        Raises:
            CommandIdReusedError: It was another command, or somebody else's.
        """
        # A command that was renamed since is still the same.
        if principal != self.principal or name not in (self.type.name, *self.type.aliases):
            raise CommandIdReusedError(self.command.session_id, self.command_id)

    def may_run_again(self, known: CommandRecord) -> bool:
        """Whether an earlier attempt that has this record may be repeated."""
        was_cut_off = known.status is CommandStatus.ACCEPTED or known.code == INTERRUPTED
        return was_cut_off and self.type.idempotent


@dataclass(slots=True)
class Run:
    """A submission that is being taken in, or run; its futures hold no exception but a verdict's.

    ``verdict`` comes with the ordinal of the session's last event.
    """

    submission: Submission
    verdict: asyncio.Future[tuple[Verdict, int]] = field(default_factory=asyncio.Future)
    end: asyncio.Future[CommandRecord] = field(default_factory=asyncio.Future)


def completed(record: CommandRecord) -> CommandRecord:
    """Returns the record of a command whose handler has returned."""
    return replace(record, status=CommandStatus.COMPLETED, at=time.time(), code="", message="")


def failed(record: CommandRecord, code: str = FAILED, message: str = _FAILED_TEXT) -> CommandRecord:
    """Returns the record of a command whose handler has raised."""
    return replace(
        record,
        status=CommandStatus.FAILED,
        at=time.time(),
        code=escaped(code),
        message=escaped(message),
    )


def interrupted(record: CommandRecord) -> CommandRecord:
    """Returns the record of a command of which nobody knows how far it came."""
    return failed(record, INTERRUPTED, _INTERRUPTED_TEXT)
