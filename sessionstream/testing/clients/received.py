"""What a client received, as the types of the application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from sessionstream.schema import SchemaRegistry
from sessionstream.types import TimelineEntity, UIEvent
from sessionstream.v1 import transport_pb2 as pb

__tracebackhide__ = True  # pytest shows the line of the test instead

U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])


@dataclass(frozen=True, kw_only=True)
class Received(Generic[U]):
    """A UI event as a client received it. ``ordinal`` is its event's; 0 for an ephemeral one."""

    session_id: str
    ordinal: int
    ui_event: U


@dataclass(frozen=True, kw_only=True)
class ReceivedSnapshot(Generic[T]):
    """A snapshot as a client received it."""

    session_id: str
    ordinal: int
    entities: tuple[T, ...]


class Reader(Generic[U, T]):
    """Reads server frames. A Hub whose projections are typed gives no other types than these.

    A frame names a UI event, a test matches on its generated class: the reader
    learns which it is as a fan-out of the Hub, in front of the one that sends.
    """

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._samples: dict[str, UIEvent[Message]] = {}

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Learns the classes of UI events, as a `UIFanout`."""
        self._samples.update((ui_event.name, ui_event) for ui_event in events)

    def frame(self, text: str) -> pb.ServerFrame:
        """Returns the frame that a server sent."""
        return json_format.Parse(text, pb.ServerFrame())

    def ui_event(self, frame: pb.UiEventFrame) -> Received[U]:
        """Returns the UI event in a frame, of the class that its projection gave."""
        message_type = self._registry.ui_event_type(frame.name).message_type
        payload = _unpacked(frame.payload, message_type)
        sample = self._samples.get(frame.name)
        if sample is None:
            ui_event = UIEvent(name=frame.name, payload=payload)
        else:
            ui_event = replace(sample, payload=payload)
        return Received(
            session_id=frame.session_id,
            ordinal=frame.event_ordinal,
            ui_event=cast(U, ui_event),  # what the projection gave
        )

    def snapshot(self, frame: pb.SnapshotFrame) -> ReceivedSnapshot[T]:
        """Returns the snapshot in a frame."""
        return ReceivedSnapshot(
            session_id=frame.session_id,
            ordinal=frame.snapshot_ordinal,
            # As the timeline projections gave them.
            entities=tuple(cast(T, self._entity(entity)) for entity in frame.entities),
        )

    def _entity(self, entity: pb.SnapshotEntity) -> TimelineEntity[Message]:
        message_type = self._registry.entity_type(entity.kind).message_type
        return TimelineEntity(
            kind=entity.kind,
            id=entity.id,
            payload=None if entity.tombstone else _unpacked(entity.payload, message_type),
            tombstone=entity.tombstone,
            created_ordinal=entity.created_ordinal,
            last_event_ordinal=entity.last_event_ordinal,
        )


def _unpacked(packed: AnyMessage, message_type: type[Message]) -> Message:
    payload = message_type()
    if not packed.Unpack(payload):
        wanted = message_type.DESCRIPTOR.full_name
        raise AssertionError(f"a payload of type {wanted} was expected; got {packed.TypeName()}")
    return payload
