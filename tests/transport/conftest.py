"""An application and connections for the tests of the transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Event, SchemaRegistry, Session, TimelineEntity, TimelineView, UIEvent
from sessionstream.hub import Hub
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.rooms import Rooms

Connect = Callable[[Rooms], Awaitable[MemoryWire]]


def _show(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[UIEvent[Message]]:
    return [UIEvent(name="Shown", payload=event.payload)]


def _keep(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    return [TimelineEntity(kind="Note", id=f"n{event.ordinal}", payload=event.payload)]


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A Hub whose event `Said` becomes the UI event `Shown` and an entity `Note`."""
    registry = SchemaRegistry()
    registry.register_event("Said", StringValue)
    registry.register_ui_event("Shown", StringValue)
    registry.register_timeline_entity("Note", StringValue)
    async with Hub(registry) as hub:
        hub.register_ui_projection(_show)
        hub.register_timeline_projection(_keep)
        yield hub


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connects a client in memory and swallows the greeting; clients hang up at the end."""
    wires: list[MemoryWire] = []
    async with asyncio.TaskGroup() as group:

        async def connect(rooms: Rooms) -> MemoryWire:
            wire = MemoryWire()
            wires.append(wire)
            group.create_task(rooms.handle(wire))
            await wire.hear()
            return wire

        yield connect
        for wire in wires:
            wire.hang_up()
