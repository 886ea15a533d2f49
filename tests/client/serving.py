"""A small application behind a real server: what is said is shown, and kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandRefusedError,
    Event,
    EventPublisher,
    Hub,
    SchemaRegistry,
    Session,
    SnapshotUpdate,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.transport.access import Access
from sessionstream.transport.ws import Server, serve
from sessionstream.watching import AnyUpdate


def make_registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_command("Say", StringValue)
    registry.register_event("Said", StringValue)
    registry.register_ui_event("Shown", StringValue)
    registry.register_timeline_entity("Line", StringValue)
    return registry


def value_of(payload: Message | None) -> str:
    assert isinstance(payload, StringValue)
    return payload.value


async def say(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    if value_of(command.payload) == "no":
        raise CommandRefusedError("busy", "Try later.")
    await publisher.publish("Said", command.payload)


def show(event: Event[Message], session: Session, view: TimelineView) -> Iterable[UIEvent[Message]]:
    return [UIEvent(name="Shown", payload=event.payload)]


def keep(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    return [TimelineEntity(kind="Line", id=str(event.ordinal), payload=event.payload)]


@asynccontextmanager
async def serving(
    folder: Path, port: int = 0, access: Access | None = None
) -> AsyncIterator[tuple[Hub, Server]]:
    """One life of a server, whose store outlives it."""
    registry = make_registry()
    async with (
        SQLiteStore.open(folder / "store.db", registry) as store,
        Hub(registry, store=store) as hub,
    ):
        hub.register_command("Say", say)
        hub.register_ui_projection(show)
        hub.register_timeline_projection(keep)
        async with serve(hub, port=port, access=access) as server:
            yield hub, server


def shown(update: AnyUpdate) -> list[str]:
    """What a page would show: of a snapshot its lines, of UI events their texts."""
    if isinstance(update, SnapshotUpdate):
        return [value_of(entity.payload) for entity in update.entities]
    return [value_of(event.payload) for event in update.events]
