"""Releases of the small application, one after the other on one file: numbers come and go."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Event,
    Hub,
    Observer,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.projection import AnyTimelineProjection, AnyUIProjection
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import line, make_registry, shown


def registry_with_counts() -> SchemaRegistry:
    registry = make_registry()
    registry.register_event("Counted", Int64Value)
    return registry


class Counts:
    """Makes a line of every event, whatever it holds."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        assert isinstance(event.payload, StringValue | Int64Value)
        yield line(str(event.ordinal), str(event.payload.value))


class Tells:
    """Shows the lines as they stood before each event."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        yield shown(f"{event.ordinal} after {view.ordinal}:{len(view.list())}")


@asynccontextmanager
async def running(
    path: Path,
    registry: SchemaRegistry,
    *,
    timeline: AnyTimelineProjection | None = None,
    ui: AnyUIProjection | None = None,
    fanout: RecordingFanout | None = None,
    observers: tuple[Observer, ...] = (),
) -> AsyncIterator[tuple[Hub, SQLiteStore]]:
    async with (
        SQLiteStore.open(path, registry, durability="normal") as store,
        Hub(registry, store=store, fanout=fanout, observers=observers) as hub,
    ):
        hub.register_timeline_projection(timeline or Counts())
        hub.register_ui_projection(ui or Tells())
        yield hub, store


async def publish(hub: Hub, *values: str | int) -> None:
    for value in values:
        if isinstance(value, int):
            await hub.publish("s", "Counted", Int64Value(value=value))
        else:
            await hub.publish("s", "Said", StringValue(value=value))


async def forget_timeline(path: Path) -> None:
    async with SQLiteStore.open(path, make_registry()) as store:
        await store.clear_timeline("s")


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute(statement).rowcount == 1
