"""One session of a store in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from sessionstream.hydration.base import Cursors, Passed, SessionCommit
from sessionstream.hydration.batch import KEPT_RESOLVED
from sessionstream.hydration.error_query import position
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.timeline import Key, copy_entity
from sessionstream.types import Event, TimelineEntity

ErrorKey = tuple[ErrorSource, int, str]
KeptEvent = tuple[str, int, bytes]
"""Name, number of the payload's type, its bytes.

Nothing in it refers to anything, so the garbage collector looks into no such
tuple twice: a log may be long.
"""


class PayloadTypes:
    """The types of the payloads that a store has kept, by number."""

    def __init__(self) -> None:
        self._types: list[type[Message]] = []
        self._numbers: dict[type[Message], int] = {}

    def number(self, payload_type: type[Message]) -> int:
        """Returns the type's number, a new one for a new type."""
        number = self._numbers.get(payload_type)
        if number is None:
            number = self._numbers[payload_type] = len(self._types)
            self._types.append(payload_type)
        return number

    def kept(self, event: Event[Message]) -> KeptEvent:
        """Returns the event as it is kept."""
        payload = event.payload
        return event.name, self.number(type(payload)), payload.SerializePartialToString()

    def read(self, session_id: str, ordinal: int, event: KeptEvent) -> Event[Message]:
        """Returns the event with a payload of its own."""
        name, number, data = event
        payload = self._types[number].FromString(data)
        return Event(session_id=session_id, name=name, ordinal=ordinal, payload=payload)


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that was checked and copied; applying it can't fail."""

    cursors: Cursors
    events: list[KeptEvent]
    entities: list[TimelineEntity[Message]]


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
