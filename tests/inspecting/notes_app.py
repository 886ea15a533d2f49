"""The application of the stores that are inspected: each event adds a note, and shows it."""

from __future__ import annotations

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Event, Hub, SchemaRegistry, Session, TimelineEntity, TimelineView, UIEvent
from sessionstream.testing.stores.samples import NOTE, NOTE_ADDED, NOTE_SHOWN

refused: set[str] = set()
"""Texts on which the timeline projection fails."""


def register_schemas(registry: SchemaRegistry) -> None:
    registry.register_event(NOTE_ADDED, StringValue)
    registry.register_ui_event(NOTE_SHOWN, StringValue)
    registry.register_timeline_entity(NOTE, StringValue)


def install(hub: Hub) -> None:
    register_schemas(hub.registry)
    hub.register_timeline_projection(_noted)
    hub.register_ui_projection(_shown)


async def install_slowly(hub: Hub) -> None:
    install(hub)


def nothing(hub: Hub) -> None:
    pass


def without_projections(hub: Hub) -> None:
    register_schemas(hub.registry)


def without_events(hub: Hub) -> None:
    hub.registry.register_timeline_entity(NOTE, StringValue)
    hub.register_timeline_projection(_noted)


def ending(hub: Hub) -> None:
    raise SystemExit(4)


def broken(hub: Hub) -> None:
    raise RuntimeError("no database")


def _noted(
    event: Event[Message], session: Session, timeline: TimelineView
) -> list[TimelineEntity[Message]]:
    payload = event.payload
    assert isinstance(payload, StringValue)
    if payload.value in refused:
        raise ValueError(f"refuses {payload.value}")
    return [TimelineEntity(kind=NOTE, id=f"n{event.ordinal}", payload=payload)]


def _shown(
    event: Event[Message], session: Session, timeline: TimelineView
) -> list[UIEvent[Message]]:
    return [UIEvent(name=NOTE_SHOWN, payload=event.payload)]
