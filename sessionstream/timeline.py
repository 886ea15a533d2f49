"""A session's timeline in memory: what is committed, and a draft of what comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TypeVar

from google.protobuf.message import Message

from sessionstream.lending import lend
from sessionstream.payloads import with_own_payload
from sessionstream.types import StoredEntity, TimelineEntity, UnreadableEntity

P = TypeVar("P", bound=Message)
Key = tuple[str, str]

# What an entity needs in memory beside the bytes of its payload.
_ENTITY_BYTES = 700


def copy_entity(entity: TimelineEntity[P]) -> TimelineEntity[P]:
    """Returns the entity with a payload of its own."""
    if entity.payload is None:
        return entity
    return with_own_payload(entity)


snapshot_order = attrgetter("created_ordinal", "last_event_ordinal", "kind", "id")
"""The sort key of snapshots and views."""


def read_entity(
    kind: str, entity_id: str, payload: Message, created: int, last: int
) -> TimelineEntity[Message]:
    """Returns a live entity as a store has it."""
    # As `with_own_payload` does it, and for the same reason: a timeline may have many.
    entity = object.__new__(TimelineEntity)
    entity.__dict__.update(
        kind=kind,
        id=entity_id,
        payload=payload,
        tombstone=False,
        created_ordinal=created,
        last_event_ordinal=last,
    )
    return entity


def _with_ordinals(
    entity: TimelineEntity[Message], created: int, last: int
) -> TimelineEntity[Message]:
    copy = object.__new__(TimelineEntity)
    copy.__dict__.update(entity.__dict__, created_ordinal=created, last_event_ordinal=last)
    return copy


def _weight(entity: TimelineEntity[Message]) -> int:
    return _ENTITY_BYTES + (0 if entity.payload is None else entity.payload.ByteSize())


class Timeline:
    """The live entities of a session after the event ``ordinal``.

    It keeps what it is given: payloads in it are never handed out uncopied and
    never changed in place.
    """

    def __init__(self, entities: Iterable[TimelineEntity[Message]] = (), ordinal: int = 0) -> None:
        self.ordinal = ordinal
        self.weight = 0
        """About how many bytes of memory the entities need, as far as they were weighed."""
        self._weights: dict[str, dict[str, int]] = {}
        self._by_kind: defaultdict[str, dict[str, TimelineEntity[Message]]] = defaultdict(dict)
        self._in_order: list[TimelineEntity[Message]] | None = None
        for entity in entities:
            self._by_kind[entity.kind][entity.id] = entity

    def find(self, kind: str, entity_id: str) -> TimelineEntity[Message] | None:
        """Returns the stored entity itself, not a copy."""
        entities = self._by_kind.get(kind)
        return None if entities is None else entities.get(entity_id)

    def walk(self, kind: str | None = None) -> Iterator[TimelineEntity[Message]]:
        """Yields the stored entities themselves, of one kind or all, unsorted."""
        kinds = self._by_kind.values() if kind is None else (self._by_kind.get(kind, {}),)
        for entities in kinds:
            yield from entities.values()

    def put(self, entity: TimelineEntity[Message]) -> None:
        """Inserts or replaces an entity; a tombstone removes it."""
        self._in_order = None
        if entity.tombstone:
            self._by_kind[entity.kind].pop(entity.id, None)
        else:
            self._by_kind[entity.kind][entity.id] = entity

    def weigh(self, keys: Iterable[Key]) -> None:
        """Takes note of what these entities need by now; costs as much as writing them."""
        for kind, entity_id in keys:
            self._weigh(kind, entity_id)

    def weigh_all(self) -> None:
        """Takes note of what all entities need."""
        self._weights = {
            kind: {entity_id: _weight(entity) for entity_id, entity in entities.items()}
            for kind, entities in self._by_kind.items()
        }
        self.weight = sum(sum(weights.values()) for weights in self._weights.values())

    def _weigh(self, kind: str, entity_id: str) -> None:
        weights = self._weights.setdefault(kind, {})
        found = self.find(kind, entity_id)
        weight = 0 if found is None else _weight(found)
        self.weight += weight - weights.pop(entity_id, 0)
        if weight:
            weights[entity_id] = weight

    def copies(self) -> tuple[TimelineEntity[Message], ...]:
        """Returns copies of all entities in the order of a snapshot."""
        if self._in_order is None:
            self._in_order = sorted(self.walk(), key=snapshot_order)
        return tuple(map(lend, self._in_order))


def stored_timeline(
    entities: Iterable[StoredEntity], ordinal: int
) -> tuple[Timeline, list[UnreadableEntity]]:
    """Returns the timeline of what a store has, weighed, and what of it can't be read."""
    readable: list[TimelineEntity[Message]] = []
    unreadable: list[UnreadableEntity] = []
    for entity in entities:
        if isinstance(entity, UnreadableEntity):
            unreadable.append(entity)
        else:
            readable.append(entity)
    timeline = Timeline(readable, ordinal)
    timeline.weigh_all()
    return timeline, unreadable


class TimelineDraft:
    """A `TimelineView` over a timeline and the uncommitted changes to it.

    What lies below is not touched until `merge`, so readers of it see only
    what is committed, and a failed commit costs nothing but the draft. Below
    may be another draft, whose commit is being written.
    """

    def __init__(self, base: Timeline | TimelineDraft) -> None:
        self._base = base
        self._changes: dict[Key, TimelineEntity[Message]] = {}
        self.ordinal: int = base.ordinal
        """The ordinal of the last event that is in the timeline."""

    @property
    def changes(self) -> dict[Key, TimelineEntity[Message]]:
        """The last state of every entity that was changed; removed ones as tombstones."""
        return self._changes

    def get(self, kind: str, entity_id: str, /) -> TimelineEntity[Message] | None:
        """Returns a copy of the entity, or None where there is none."""
        found = self.find(kind, entity_id)
        return None if found is None else copy_entity(found)

    def list(self, kind: str | None = None) -> list[TimelineEntity[Message]]:
        """Returns copies of the entities of a kind, or all, in the order of a snapshot."""
        return [copy_entity(entity) for entity in sorted(self.walk(kind), key=snapshot_order)]

    def find(self, kind: str, entity_id: str) -> TimelineEntity[Message] | None:
        """Returns the drafted or stored entity itself, not a copy."""
        change = self._changes.get((kind, entity_id))
        if change is None:
            return self._base.find(kind, entity_id)
        return None if change.tombstone else change

    def walk(self, kind: str | None = None) -> Iterator[TimelineEntity[Message]]:
        """Yields the entities themselves, of one kind or all, unsorted."""
        for entity in self._base.walk(kind):
            if (entity.kind, entity.id) not in self._changes:
                yield entity
        for change in self._changes.values():
            if not change.tombstone and kind in (None, change.kind):
                yield change

    def apply(self, ordinal: int, entities: Iterable[TimelineEntity[Message]]) -> None:
        """Takes what the timeline projections made of the event ``ordinal``."""
        for entity in entities:
            existing = self.find(entity.kind, entity.id)
            created = ordinal if existing is None else existing.created_ordinal
            self._changes[entity.kind, entity.id] = _with_ordinals(entity, created, ordinal)
        self.ordinal = ordinal

    def freeze(self) -> Timeline:
        """Returns an independent timeline of what the draft shows now."""
        return Timeline(self.walk(), self.ordinal)

    def fork(self) -> TimelineDraft:
        """Returns a draft of the same changes over the same timeline."""
        copy = TimelineDraft(self._base)
        copy._changes = dict(self._changes)
        copy.ordinal = self.ordinal
        return copy

    def rebase(self, base: Timeline) -> None:
        """Puts the draft on the timeline that the draft below was merged into."""
        self._base = base

    def merge(self) -> Timeline:
        """Writes the changes into the timeline below and returns it; below is no draft by now."""
        base = self._base
        assert isinstance(base, Timeline), "the draft below is merged first, then this one rebased"
        for change in self._changes.values():
            base.put(change)
        base.ordinal = self.ordinal
        return base
