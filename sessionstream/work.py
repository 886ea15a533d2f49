"""What a session's lane is asked to do, and how who asked is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Union

from google.protobuf.message import Message

from sessionstream.causes import Cause
from sessionstream.errors import ProjectionError
from sessionstream.hydration.base import CommandRecord, Passed
from sessionstream.observer import ErrorRecord
from sessionstream.schema import EventType
from sessionstream.timeline import TimelineDraft
from sessionstream.types import Event


class WithdrawnError(Exception):
    """The parts of a publication to several sessions were drafted, and none is any more."""


class Together:
    """What publications of several sessions share that are to be in one transaction.

    When one of them is not drafted any more, because the commit below it
    failed, no other may be committed without it: ``withdraw`` takes them back.
    """

    def __init__(self, withdraw: Callable[[], None]) -> None:
        self._withdraw = withdraw
        self.withdrawn = False

    def withdraw(self) -> None:
        """Takes all parts back from their lanes; whoever published them starts over."""
        if not self.withdrawn:
            self.withdrawn = True
            self._withdraw()


@dataclass(slots=True)
class Publication:
    """Events that are committed together. Their payloads are the lane's own copies."""

    events: Sequence[tuple[EventType[Message], Message]]
    done: asyncio.Future[list[Event[Message]]]
    together: Together | None = None
    # Only while somebody observes.
    cause: Cause | None = None


@dataclass(slots=True)
class Repair:
    """Brings the timeline to the head of the log; ``done`` gets its cursor.

    With ``rebuilt`` that timeline, which was folded from the log beside the
    live traffic, takes the place of the present one.
    """

    done: asyncio.Future[int]
    rebuilt: Rebuilt | None = None
    # Whether it is stored when it is done; otherwise it may trail the log.
    stored: bool = False


@dataclass(slots=True)
class Rebuilt:
    """A timeline that was folded anew, and what failed and what passed on the way.

    ``is_stale`` says whether events were removed since, maybe with their session.
    """

    timeline: TimelineDraft
    errors: list[ErrorRecord] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    is_stale: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Note:
    """An error record to store; one without an ordinal gets that of the last event."""

    error: ErrorRecord


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command's record as it was stored, and in which life of the session."""

    record: CommandRecord
    epoch: str


@dataclass(slots=True)
class Recording:
    """A command's record to store; it gets the ordinal of the last event.

    With ``expected`` it is stored only if that is this ordinal; otherwise
    ``done`` gets the ordinal. With ``epoch`` it is stored only in that life of
    the session: one that was deleted does not come back for it.
    """

    record: CommandRecord
    done: asyncio.Future[Recorded | int]
    expected: int | None = None
    epoch: str = ""


@dataclass(slots=True)
class Exclusive:
    """Something done to the stored session while nothing of it is drafted or being written.

    With ``reload`` the session is read from the store again afterwards.
    """

    action: Callable[[], Awaitable[object]]
    done: asyncio.Future[None]
    reload: bool


Draftable = Union[Publication, Repair, Note, Recording]
Work = Union[Draftable, Exclusive]
Outcome = Union[list[Event[Message]], Recorded, int, ProjectionError, None]
"""What work came to: events, a record, an ordinal, or what held a projection back."""


def still_wanted(work: Work) -> bool:
    """Whether the work's caller is still there; one that left early published nothing."""
    return isinstance(work, Note) or not work.done.cancelled()


def answer(work: Work, outcome: Outcome) -> None:
    """Answers the work's caller, unless it left while the commit was running."""
    if isinstance(work, Note) or work.done.done():
        return
    match work, outcome:
        case Publication(), list():
            work.done.set_result(outcome)
        case _, ProjectionError():
            work.done.set_exception(outcome)
        case Recording(), Recorded() | int():
            work.done.set_result(outcome)
        case Repair(), int():
            work.done.set_result(outcome)
        case Exclusive(), None:
            work.done.set_result(None)


def fail(work: Iterable[Work], error: BaseException) -> None:
    """Gives the error to whoever still waits for the work."""
    for item in work:
        if not isinstance(item, Note) and not item.done.done():
            item.done.set_exception(error)
