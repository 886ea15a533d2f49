"""What a Hub answers to connections."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from sessionstream.hydration.base import CommandRecord
from sessionstream.types import Position, Snapshot, UIBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session's timeline and its position at one moment.

    The timeline may stand at another ordinal than the head: below it while a
    projection is held back, or above the last event whose UI events are known.
    """

    snapshot: Snapshot
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The UI events after an ordinal, and the session's position when they were read.

    ``batches`` may be a first part of them. ``reaches_back`` says whether
    nothing is missing between the ordinal and the first of them, or the
    position where there are none. ``unreadable`` is the ordinal of the next
    batch where that can't be read with the types that are registered now, else 0.
    """

    position: Position
    batches: tuple[UIBatch, ...]
    reaches_back: bool
    unreadable: int = 0


class Verdict(Enum):
    """What becomes of a command that a client names with an id."""

    ACCEPTED = auto()
    DUPLICATE = auto()
    CONFLICT = auto()


class Outcome(Protocol):
    """Awaited, any number of times, it gives the record with which a command ended.

    It never raises but when it is cancelled, which cancels nothing else.
    """

    def __await__(self) -> Generator[object, None, CommandRecord]:
        """Waits for the record."""

    def then(self, call: Callable[[], object]) -> None:
        """Calls this on the event loop once the command has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to a command; its record is stored.

    ``outcome`` gives the record with which the command ended; None where it
    was not accepted. ``head`` is the ordinal of the session's last event.
    """

    verdict: Verdict
    head: int
    outcome: Outcome | None
