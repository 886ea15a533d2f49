"""A session's timeline in memory: what is committed, and a draft of what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from google.protobuf.message import Message

from sessionstream.payloads import copy_payload
from sessionstream.types import TimelineEntity

P = TypeVar("P", bound=Message)
Key = tuple[str, str]


def copy_entity(entity: TimelineEntity[P]) -> TimelineEntity[P]:
    """Returns the entity with a payload of its own."""
    if entity.payload is None:
        return entity
    return replace(entity, payload=copy_payload(entity.payload))


def snapshot_order(entity: TimelineEntity[Message]) -> tuple[int, int, str, str]:
    """The sort key of snapshots and views."""
    return entity.created_ordinal, entity.last_event_ordinal, entity.kind, entity.id


class Timeline:
    """The live entities of a session after the event ``ordinal``.

    It keeps what it is given: payloads in it are never handed out uncopied and
    never changed in place.
    """

    def __init__(self, entities: Iterable[TimelineEntity[Message]] = (), ordinal: int = 0) -> None:
        self.ordinal = ordinal
        self._by_kind: dict[str, dict[str, TimelineEntity[Message]]] = {}
        for entity in entities:
            self.put(entity)

    def find(self, kind: str, entity_id: str) -> TimelineEntity[Message] | None:
        """Returns the stored entity itself, not a copy."""
        return self._by_kind.get(kind, {}).get(entity_id)

    def walk(self, kind: str | None = None) -> Iterator[TimelineEntity[Message]]:
        """Yields the stored entities themselves, of one kind or all, unsorted."""
        kinds = self._by_kind.values() if kind is None else (self._by_kind.get(kind, {}),)
        for entities in kinds:
            yield from entities.values()

    def put(self, entity: TimelineEntity[Message]) -> None:
        """Inserts or replaces an entity; a tombstone removes it."""
        if entity.tombstone:
            self._by_kind.get(entity.kind, {}).pop(entity.id, None)
        else:
            self._by_kind.setdefault(entity.kind, {})[entity.id] = entity

    def copies(self) -> tuple[TimelineEntity[Message], ...]:
        """Returns copies of all entities in the order of a snapshot."""
        return tuple(copy_entity(entity) for entity in sorted(self.walk(), key=snapshot_order))

    def fork(self) -> Timeline:
        """Returns an independent timeline with the same entities."""
        return Timeline(self.walk(), self.ordinal)


class TimelineDraft:
    """A `TimelineView` over a timeline and the uncommitted changes to it.

    The timeline below is not touched until `merge`, so readers of it see only
    what is committed, and a failed commit costs nothing but the draft.
    """

    def __init__(self, base: Timeline) -> None:
        self._base = base
        self._changes: dict[Key, TimelineEntity[Message]] = {}
        self._ordinal = base.ordinal

    @property
    def ordinal(self) -> int:
        """The ordinal of the last event that is in the timeline."""
        return self._ordinal

    @property
    def moved(self) -> bool:
        """Whether the draft is past the timeline below."""
        return self._ordinal != self._base.ordinal

    @property
    def changes(self) -> tuple[TimelineEntity[Message], ...]:
        """The last state of every entity that was changed; removed ones as tombstones."""
        return tuple(self._changes.values())

    def get(self, kind: str, entity_id: str, /) -> TimelineEntity[Message] | None:
        """Returns a copy of the entity, or None where there is none."""
        found = self._find(kind, entity_id)
        return None if found is None else copy_entity(found)

    def list(self, kind: str | None = None) -> list[TimelineEntity[Message]]:
        """Returns copies of the entities of a kind, or all, in the order of a snapshot."""
        merged = {(entity.kind, entity.id): entity for entity in self._base.walk(kind)}
        changed = self._changes.items()
        merged.update((key, change) for key, change in changed if kind in (None, key[0]))
        live = (entity for entity in merged.values() if not entity.tombstone)
        return [copy_entity(entity) for entity in sorted(live, key=snapshot_order)]

    def apply(self, ordinal: int, entities: Iterable[TimelineEntity[Message]]) -> None:
        """Takes what the timeline projections made of the event ``ordinal``."""
        for entity in entities:
            existing = self._find(entity.kind, entity.id)
            created = ordinal if existing is None else existing.created_ordinal
            self._changes[entity.kind, entity.id] = replace(
                entity, created_ordinal=created, last_event_ordinal=ordinal
            )
        self._ordinal = ordinal

    def freeze(self) -> Timeline:
        """Returns an independent timeline of what the draft shows now."""
        frozen = self._base.fork()
        for change in self._changes.values():
            frozen.put(change)
        frozen.ordinal = self._ordinal
        return frozen

    def merge(self) -> Timeline:
        """Writes the changes into the timeline below and returns it."""
        for change in self._changes.values():
            self._base.put(change)
        self._base.ordinal = self._ordinal
        self._changes.clear()
        return self._base

    def _find(self, kind: str, entity_id: str) -> TimelineEntity[Message] | None:
        change = self._changes.get((kind, entity_id))
        if change is None:
            return self._base.find(kind, entity_id)
        return None if change.tombstone else change
