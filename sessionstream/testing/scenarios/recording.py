"""What a Hub lets others see, kept for a test: UI events, ephemeral events, errors."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.errors import ProjectionError
from sessionstream.observer import ErrorRecord, ErrorSource, Record
from sessionstream.projection import TimelineView
from sessionstream.types import Event, Session, UIEvent

ErrorKey = tuple[str, ErrorSource, str, int]
"""Session, source, name and ordinal: the same failure again has the same key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A UI event and its event's ordinal; 0 for an ephemeral one."""

    ordinal: int
    ui_event: UIEvent[Message]


@dataclass(frozen=True, slots=True)
class Passed:
    """An ephemeral event and the ordinal of the event before it."""

    after: int
    event: Event[Message]


class Recording:
    """Sees what a Hub does, as a fan-out, an observer and a UI projection that gives nothing.

    The UI projection has to be the first of its Hub: one that fails in front
    of it would hide an ephemeral event. It and the fan-out do not suspend, so what
    an event gave is here when its `publish` returns: the Hub hands it over
    before. Errors come through a thread: `Observers.flush` waits for them.
    """

    def __init__(self) -> None:
        self.shown: defaultdict[str, list[Shown]] = defaultdict(list)
        self.passed: defaultdict[str, list[Passed]] = defaultdict(list)
        self._heads: defaultdict[str, int] = defaultdict(int)
        self.errors: list[ErrorRecord] = []
        self._expected: set[ErrorKey] = set()
        self._told: set[ErrorKey] = set()
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Keeps the UI events, as a `UIFanout`."""
        self.shown[session_id] += [Shown(ordinal, ui_event) for ui_event in events]
        self._tell()

    def project(self, event: Event[Message], session: Session, view: TimelineView) -> tuple[()]:
        """Keeps an ephemeral event, as a `UIProjection`; the others are in the log."""
        head = self._heads[session.id] = max(self._heads[session.id], event.ordinal, view.ordinal)
        if not event.ordinal:
            self.passed[session.id].append(Passed(head, event))
        return ()

    def observe(self, record: Record) -> None:
        """Keeps errors, as an `Observer`: on its thread."""
        if isinstance(record, ErrorRecord):
            self.errors.append(record)
            if self._loop is not None:  # `until` sets it first, then looks for the error
                with suppress(RuntimeError):  # it was closed: nobody waits
                    self._loop.call_soon_threadsafe(self._tell)

    def unexpected(self) -> list[ErrorRecord]:
        """Returns the errors that no test step has asked for."""
        return [record for record in self.errors if _key(record) not in self._expected]

    def expect(self, record: ErrorRecord) -> None:
        """Takes note that the test knows of this failure, however often it is repeated."""
        self._expected.add(_key(record))

    def expect_held_back(self, error: Exception) -> None:
        """Takes note that the test knows of this failure, if it held a projection back."""
        if isinstance(error, ProjectionError):
            source = ErrorSource(error.projector)
            self._expected.add((error.session_id, source, error.event_name, error.ordinal))

    def tell(self, records: Iterable[ErrorRecord]) -> None:
        """Takes note that a step fails and names them: they can be expected still."""
        self._told.update(map(_key, records))

    def untold(self) -> list[ErrorRecord]:
        """Returns the errors that no step has named, neither one that held nor one that failed."""
        return [record for record in self.unexpected() if _key(record) not in self._told]

    async def until(self, holds: Callable[[], bool], patience: float) -> bool:
        """Waits until the condition holds; False when it does not within ``patience`` seconds."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _tell(self) -> None:
        # Whoever waits holds the old event; the next change has one of its own.
        self._changed.set()
        self._changed = asyncio.Event()


def _key(record: ErrorRecord) -> ErrorKey:
    return record.session_id, record.source, record.name, record.ordinal
