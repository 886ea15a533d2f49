"""Entities whose payload is copied only when somebody looks at it."""

from __future__ import annotations

from typing import Any, cast

from google.protobuf.message import Message

from sessionstream.payloads import copy_payload
from sessionstream.types import TimelineEntity


class _CopiedWhenRead:
    """Gives an entity a payload of its own. It is no data descriptor: the copy hides it."""

    def __get__(self, entity: LentEntity | None, owner: type[LentEntity]) -> Message | None:
        if entity is None:  # the class itself is asked, as for a default
            return None
        payload = copy_payload(entity.lent)
        entity.__dict__["payload"] = payload
        return payload


class LentEntity(TimelineEntity[Message]):
    """A live entity that shares its payload with a timeline until it is read.

    A snapshot of many entities costs no copy of those that nobody looks at. It
    is sound because a timeline replaces payloads and never changes them.
    """

    lent: Message
    payload = cast(Any, _CopiedWhenRead())

    def __eq__(self, other: object) -> bool:
        # Python asks the subclass first: the comparison is the same from either side.
        if not isinstance(other, TimelineEntity):
            return NotImplemented
        return _values(self) == _values(other)

    __hash__ = TimelineEntity.__hash__

    def __repr__(self) -> str:
        return super().__repr__().replace(type(self).__name__, TimelineEntity.__name__, 1)


def lend(entity: TimelineEntity[Message]) -> TimelineEntity[Message]:
    """Returns the entity for a reader, who may change its payload."""
    lent = object.__new__(LentEntity)
    fields = lent.__dict__
    fields.update(entity.__dict__)
    fields["lent"] = fields.pop("payload")
    return lent


def _values(entity: TimelineEntity[Message]) -> tuple[object, ...]:
    return (
        entity.kind,
        entity.id,
        entity.payload,
        entity.tombstone,
        entity.created_ordinal,
        entity.last_event_ordinal,
    )
