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
K = TypeVar("K", str, int)


class EntityFactory(Generic[P, K]):
    """Builds the timeline entities of one kind; the id comes from the key field.

    ``key_type`` is that of the key field. On the wire and in the store every id
    is a string: an int is written in decimal, the one way that `str` writes it.
    """

    def __init__(self, entity_type: EntityType[P], key_type: type[K]) -> None:
        self._type = entity_type
        self._key_type: type[K] = key_type

    def __call__(self, payload: P) -> TimelineEntity[P]:
        """Returns the entity that this payload becomes.

        Raises:
            PayloadTypeError: The payload is of another type.
            SchemaError: Its key field is empty.
        """
        kind, key = self._type.kind, self._type.key
        check_payload("entity", kind, self._type.message_type, payload)
        entity_id = _id(self._type, self._key_type, getattr(payload, key))
        if not entity_id:
            raise SchemaError(f"entity {kind!r} has an empty key: set the field {key!r}")
        return TimelineEntity(kind=kind, id=entity_id, payload=payload)

    def tombstone(self, key: K) -> TimelineEntity[P]:
        """Returns the removal of an entity.

        Raises:
            SchemaError: The key is not of the key field's type.
        """
        entity_id = _id(self._type, self._key_type, key)
        return TimelineEntity(kind=self._type.kind, id=entity_id, tombstone=True)


class EntityView(Generic[P, K]):
    """The entities of one kind in a timeline view. What it returns are copies."""

    def __init__(self, view: TimelineView, entity_type: EntityType[P], key_type: type[K]) -> None:
        self._view = view
        self._type = entity_type
        self._key_type: type[K] = key_type

    def get(self, key: K) -> P | None:
        """Returns the entity's payload, or None where there is none.

        Raises:
            SchemaError: The key is not of the key field's type.
        """
        entity = self.entity(key)
        return None if entity is None else entity.payload

    def entity(self, key: K) -> TimelineEntity[P] | None:
        """Returns the entity with its ordinals, or None where there is none.

        Raises:
            SchemaError: The key is not of the key field's type.
        """
        found = self._view.get(self._type.kind, _id(self._type, self._key_type, key))
        return cast("TimelineEntity[P] | None", found)

    def list(self) -> list[P]:
        """Returns the payloads in the order in which the entities were created."""
        found = cast(list[TimelineEntity[P]], self._view.list(self._type.kind))
        return [entity.payload for entity in found if entity.payload is not None]


def _id(entity_type: EntityType[P], key_type: type[K], key: object) -> str:
    # A bool is an int to `isinstance`, and to type checkers.
    if not isinstance(key, key_type) or isinstance(key, bool):
        raise SchemaError(
            f"entity {entity_type.kind!r} has the key {entity_type.key!r}, of type "
            f"{key_type.__name__}; got {type(key).__name__}"
        )
    # Not `str(key)` alone: a subclass, as an enum, may write itself otherwise.
    return key if isinstance(key, str) else str(int(key))
