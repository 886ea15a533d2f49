"""A small application: lines are said, kept in a timeline, and shown with what stood before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Event,
    EventType,
    Hub,
    ProjectionError,
    SchemaRegistry,
    Session,
    Snapshot,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout


def make_registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_command("Say", StringValue)
    registry.register_command("Count", Int64Value)
    registry.register_event("Said", StringValue)
    registry.add(EventType("Blinked", StringValue, ephemeral=True))
    registry.register_ui_event("Shown", StringValue)
    registry.register_timeline_entity("Line", StringValue)
    return registry


def text(value: str) -> StringValue:
    return StringValue(value=value)


def text_of(payload: Message | None) -> str:
    assert isinstance(payload, StringValue)
    return payload.value


async def say(hub: Hub, value: str, session_id: str = "s") -> Event[StringValue]:
    """``id=text`` writes a line, ``-id`` removes it, anything else changes nothing."""
    return await hub.publish(session_id, "Said", text(value))


async def say_all(hub: Hub, *values: str) -> None:
    """Says all of them, whatever the projections make of it."""
    for value in values:
        with suppress(ProjectionError):
            await say(hub, value)


async def refused(hub: Hub, value: str) -> ProjectionError:
    with pytest.raises(ProjectionError) as caught:
        await say(hub, value)
    return caught.value


def line(line_id: str, value: str) -> TimelineEntity[Message]:
    return TimelineEntity(kind="Line", id=line_id, payload=text(value))


def shown(value: str) -> UIEvent[Message]:
    return UIEvent(name="Shown", payload=text(value))


def lines(snapshot: Snapshot) -> list[str]:
    return [f"{entity.id}={text_of(entity.payload)}" for entity in snapshot.entities]


def texts(fanout: RecordingFanout) -> list[str]:
    """What `Shows` has shown of the session ``s``."""
    return [text_of(payload) for payload in fanout.payloads("s")]


class Flaky:
    """Raises on events whose text is in ``bad``; counts its calls."""

    def __init__(self, *bad: str) -> None:
        self.bad = set(bad)
        self.seen: list[int] = []

    def check(self, event: Event[Message]) -> str:
        self.seen.append(event.ordinal)
        value = text_of(event.payload)
        if value in self.bad:
            raise ValueError(f"no {value}")
        return value


class Lines(Flaky):
    """The timeline projection."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        value = self.check(event)
        if value.startswith("-"):
            yield TimelineEntity(kind="Line", id=value[1:], tombstone=True)
        elif "=" in value:
            line_id, _, content = value.partition("=")
            yield line(line_id, content)


class Growing:
    """Appends each text to the line ``all``: wrong as soon as an event is folded twice."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> list[TimelineEntity[Message]]:
        before = view.get("Line", "all")
        return [line("all", (text_of(before.payload) if before else "") + text_of(event.payload))]


class Shows(Flaky):
    """The UI projection: shows the text and the lines as they stood before it."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        value = self.check(event)
        before = [f"{entity.id}={text_of(entity.payload)}" for entity in view.list("Line")]
        yield shown(f"{value} after {view.ordinal}:{','.join(before)}")


async def forever() -> None:
    await asyncio.Event().wait()


async def settled() -> None:
    """Lets everything run that waits for nothing but its turn; for a Hub without threads."""
    for _ in range(50):
        await asyncio.sleep(0)
