"""What a page offers, and what one visitor has of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from sessionstream.inspector import Recorder
from sessionstream.transport.rooms import Rooms
from systemlab.asking import Asked
from systemlab.checking import JSON

Action: TypeAlias = Callable[[Asked], Awaitable[dict[str, JSON]]]

NOTHING: Final = "none"
"""The fault of an exercise in which nothing is broken."""


MOST_EVENTS: Final = 5000
"""After so many events of one exercise it is enough for one visit."""

ENOUGH: Final = "That is enough for one visit; choose a fault, or none, to begin anew."


class Exercise(ABC):
    """The runtime behind a page, one visitor's own.

    A subclass enters what it opens into ``stack``. Actions of one exercise never run
    at the same time.

    Args:
        folder: An empty folder; it is removed with what is in it when the exercise ends.
        fault: One of the page's faults, or `NOTHING`.

    Attributes:
        recorder: What the page shows as the trace; give it to the Hub as an observer.
        rooms: What the page's WebSocket reaches; None while it has none.
    """

    def __init__(self, folder: Path, fault: str) -> None:
        self.folder = folder
        self.fault = fault
        self.recorder = Recorder()
        self.rooms: Rooms | None = None
        self.stack = AsyncExitStack()

    @property
    @abstractmethod
    def actions(self) -> Mapping[str, Action]:
        """What the page's module can ask for, by name."""

    @abstractmethod
    async def open(self) -> None:
        """Makes what the exercise needs."""

    async def aclose(self) -> None:
        """Ends everything that was opened; may be called twice."""
        await self.stack.aclose()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """A page of the lab: a chapter to read and an exercise.

    ``slug`` is its path, and the name of its chapter (``chapters/SLUG.md``) and of
    its module (``static/SLUG.js``). ``faults`` are what a visitor can break, by name,
    each with a sentence that says what is broken then.
    """

    slug: str
    number: int
    title: str
    summary: str
    exercise: Callable[[Path, str], Exercise] | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
