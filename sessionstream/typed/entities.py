"""The entities of one kind: building them, and reading them out of a timeline."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from google.protobuf.message import Message

from sessionstream.errors import SchemaError
from sessionstream.payloads import check_payload
from sessionstream.projection import TimelineView
from sessionstream.schema import EntityType
from sessionstream.types import TimelineEntity

P = TypeVar("P", bound=Message)


class EntityFactory(Generic[P]):
    """Builds the timeline entities of one kind; the id comes from the key field."""

    def __init__(self, entity_type: EntityType[P]) -> None:
        self._type = entity_type

    def __call__(self, payload: P) -> TimelineEntity[P]:
        """Returns the entity that this payload becomes.

        Raises:
            PayloadTypeError: The payload is of another type.
            SchemaError: Its key field is empty.
        """
        kind, key = self._type.kind, self._type.key
        check_payload("entity", kind, self._type.message_type, payload)
        entity_id = _as_id(getattr(payload, key))
        if not entity_id:
            raise SchemaError(f"entity {kind!r} has an empty key: set the field {key!r}")
        return TimelineEntity(kind=kind, id=entity_id, payload=payload)

    def tombstone(self, entity_id: str | int) -> TimelineEntity[P]:
        """Returns the removal of an entity."""
        return TimelineEntity(kind=self._type.kind, id=_as_id(entity_id), tombstone=True)


class EntityView(Generic[P]):
    """The entities of one kind in a timeline view. What it returns are copies."""

    def __init__(self, view: TimelineView, entity_type: EntityType[P]) -> None:
        self._view = view
        self._type = entity_type

    def get(self, entity_id: str | int) -> P | None:
        """Returns the entity's payload, or None where there is none."""
        entity = self.entity(entity_id)
        return None if entity is None else entity.payload

    def entity(self, entity_id: str | int) -> TimelineEntity[P] | None:
        """Returns the entity with its ordinals, or None where there is none."""
        found = self._view.get(self._type.kind, _as_id(entity_id))
        return cast("TimelineEntity[P] | None", found)

    def list(self) -> list[P]:
        """Returns the payloads in the order in which the entities were created."""
        found = cast(list[TimelineEntity[P]], self._view.list(self._type.kind))
        return [entity.payload for entity in found if entity.payload is not None]


def _as_id(value: str | int) -> str:
    return value if isinstance(value, str) else str(value)
