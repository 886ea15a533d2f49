"""One session of a store in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from sessionstream.hydration.base import Cursors, Passed, SessionCommit
from sessionstream.hydration.batch import KEPT_RESOLVED
from sessionstream.hydration.error_query import position
from sessionstream.hydration.keeping import SWEEP_SECONDS, SWEPT_AT_ONCE, Keeper
from sessionstream.hydration.memory_kept import MemoryKept, NewBatch
from sessionstream.hydration.memory_payloads import KeptEvent
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.timeline import Key, copy_entity
from sessionstream.types import TimelineEntity

ErrorKey = tuple[ErrorSource, int, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that was checked and copied; applying it can't fail."""

    cursors: Cursors
    events: list[KeptEvent]
    entities: list[TimelineEntity[Message]]
    ui_batches: list[NewBatch]


@dataclass(slots=True)
class MemorySession:
    """What a session has stored. Payloads in it are its own; readers get copies."""

    cursors: Cursors
    # The event of ordinal n is at index n - 1 - log_start.
    events_kept: list[KeptEvent] = field(default_factory=list)
    entities: dict[Key, TimelineEntity[Message]] = field(default_factory=dict)
    base: dict[Key, TimelineEntity[Message]] = field(default_factory=dict)
    errors: dict[ErrorKey, ErrorRecord] = field(default_factory=dict)
    closed_at: float | None = None
    kept: MemoryKept = field(default_factory=MemoryKept)

    def apply(self, commit: SessionCommit, change: Change) -> None:
        """Adds a commit."""
        self.cursors = change.cursors
        self.events_kept += change.events
        if change.events:
            self.closed_at = None
        if commit.replace_timeline:
            self.entities.clear()
        for entity in change.entities:
            if entity.tombstone:
                self.entities.pop((entity.kind, entity.id), None)
            else:
                self.entities[entity.kind, entity.id] = entity
        for error in commit.errors:
            key = (error.source, error.ordinal, error.name)
            earlier = self.errors.get(key)
            attempts = error.attempts + (0 if earlier is None else earlier.attempts)
            self.errors[key] = replace(error, attempts=attempts, resolved_at=None)
        for passed in commit.passed:
            self._resolve_passed(passed)
        if commit.passed:
            self.forget_resolved()

    def _resolve_passed(self, passed: Passed) -> None:
        for key, error in self.errors.items():
            source, ordinal, _ = key
            is_over = source is passed.source and passed.first <= ordinal <= passed.last
            if is_over and error.resolved_at is None:
                self.errors[key] = replace(error, resolved_at=passed.at)

    def events(self, after: int, limit: int) -> Iterable[tuple[int, KeptEvent]]:
        """Returns up to ``limit`` events above ``after``, with their ordinals."""
        start = max(after - self.cursors.log_start, 0)
        first = self.cursors.log_start + start + 1
        return enumerate(self.events_kept[start : start + limit], first)

    def clear_timeline(self) -> None:
        """Puts the timeline back to its base."""
        self.entities = dict(self.base)
        self.cursors = replace(self.cursors, timeline=self.cursors.log_start)

    def compact(self, upto: int, entities: Sequence[TimelineEntity[Message]]) -> None:
        """Removes the events up to a start that was checked; the entities are its own."""
        self.base = {(entity.kind, entity.id): entity for entity in entities}
        del self.events_kept[: upto - self.cursors.log_start]
        self.cursors = replace(self.cursors, log_start=upto)

    def resolve(self, record: ErrorRecord, resolved_at: float) -> bool:
        """Marks an open record as resolved, unless it has failed again."""
        key = (record.source, record.ordinal, record.name)
        stored = self.errors.get(key)
        if stored is None or stored.resolved_at is not None or stored.attempts != record.attempts:
            return False
        self.errors[key] = replace(stored, resolved_at=resolved_at)
        return True

    def forget_resolved(self) -> None:
        """Removes all but the records that were resolved last."""
        resolved = {key: each for key, each in self.errors.items() if each.resolved_at is not None}
        in_order = sorted(resolved, key=lambda key: _age(resolved[key]), reverse=True)
        for key in in_order[KEPT_RESOLVED:]:
            del self.errors[key]


def _age(record: ErrorRecord) -> tuple[object, ...]:
    return (record.resolved_at, *position(record))


def copies(entities: Iterable[TimelineEntity[Message]]) -> list[TimelineEntity[Message]]:
    """Returns the entities with payloads of their own."""
    return [copy_entity(entity) for entity in entities]


class MemorySweep:
    """Trims what idle sessions keep: some sessions at a time, all of them in turn."""

    def __init__(self, sessions: Mapping[str, MemorySession], keeper: Keeper) -> None:
        self._sessions = sessions
        self._keeper = keeper
        self._waiting: list[str] = []
        self._last = -math.inf

    def step(self, now: float) -> None:
        """Looks at the next sessions, unless it did just now."""
        if 0 <= now - self._last < SWEEP_SECONDS:
            return
        self._last = now
        if not self._waiting:
            self._waiting = list(self._sessions)
        for session_id in self._waiting[-SWEPT_AT_ONCE:]:
            session = self._sessions.get(session_id)
            if session is not None:
                session.kept.trim(self._keeper, now)
        del self._waiting[-SWEPT_AT_ONCE:]
