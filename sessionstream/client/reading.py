"""The payloads of frames as the types of the application."""

from __future__ import annotations

import logging

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message

from sessionstream.errors import UnknownNameError
from sessionstream.schema import SchemaRegistry
from sessionstream.types import TimelineEntity, UIEvent
from sessionstream.v1 import transport_pb2 as pb

logger = logging.getLogger("sessionstream.client")


class Reader:
    """Reads UI events and entities. What the client does not know it leaves out, with a log line.

    A server that is newer has names that its older clients have not.
    """

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._told: set[str] = set()

    def ui_event(self, frame: pb.UiEventFrame) -> UIEvent[Message] | None:
        """Returns the UI event in a frame; None where the client can't read it."""
        try:
            expected = self._registry.ui_event_type(frame.name).message_type
        except UnknownNameError:
            self._skip("UI event", frame.name)
            return None
        payload = _unpacked(frame.payload, expected)
        if payload is None:
            self._skip("UI event", frame.name)
            return None
        return UIEvent(name=frame.name, payload=payload)

    def entity(self, frame: pb.SnapshotEntity) -> TimelineEntity[Message] | None:
        """Returns the entity in a snapshot; None where the client can't read it."""
        try:
            expected = self._registry.entity_type(frame.kind).message_type
        except UnknownNameError:
            self._skip("entity", frame.kind)
            return None
        payload = None if frame.tombstone else _unpacked(frame.payload, expected)
        if payload is None and not frame.tombstone:
            self._skip("entity", frame.kind)
            return None
        return TimelineEntity(
            kind=frame.kind,
            id=frame.id,
            payload=payload,
            tombstone=frame.tombstone,
            created_ordinal=frame.created_ordinal,
            last_event_ordinal=frame.last_event_ordinal,
        )

    def _skip(self, role: str, name: str) -> None:
        what = f"{role} {name!r}"
        # Once each: a server may send thousands. And not without end.
        if what not in self._told and len(self._told) < 1000:
            self._told.add(what)
            logger.warning("the server sends the %s, which this client can't read; left out", what)


def _unpacked(packed: AnyMessage, expected: type[Message]) -> Message | None:
    message = expected()
    try:
        return message if packed.Unpack(message) else None
    except DecodeError:
        return None
