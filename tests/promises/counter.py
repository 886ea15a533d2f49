"""A smallest application: every event adds to one counter, which it reads first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import (
    Event,
    Hub,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)

ONE = Int64Value(value=1)
SESSION = "session-1"


def registry() -> SchemaRegistry:
    names = SchemaRegistry()
    names.register_event("Added", Int64Value)
    names.register_ui_event("Shown", Int64Value)
    names.register_timeline_entity("Counter", Int64Value)
    return names


def number(message: Message | None) -> int:
    return message.value if isinstance(message, Int64Value) else 0


def count(
    event: Event[Message], _session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    before = view.get("Counter", "total")
    total = number(before.payload if before else None) + number(event.payload)
    yield TimelineEntity(kind="Counter", id="total", payload=Int64Value(value=total))


def show(
    event: Event[Message], _session: Session, _view: TimelineView
) -> Iterable[UIEvent[Message]]:
    yield UIEvent(name="Shown", payload=Int64Value(value=event.ordinal))


def install(hub: Hub) -> None:
    hub.register_ui_projection(show)
    hub.register_timeline_projection(count)


def fold(events: Sequence[Event[Message]]) -> int:
    """What the counter must be after these events."""
    return sum(number(event.payload) for event in events)
