"""The application of the tests of the wire: cells that are set, and shown as they are set.

The event ``Put`` holds ``a=1,b=2``: each part is a UI event ``Set`` and a cell
of the timeline, so that an event has as many UI events as parts, also none.
``b=`` removes the cell. ``Blinked`` is ephemeral.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandRefusedError,
    CommandType,
    Event,
    EventPublisher,
    EventType,
    Hub,
    SchemaRegistry,
    Session,
    Snapshot,
    TimelineEntity,
    TimelineView,
    UIEvent,
)


def text(value: str) -> StringValue:
    return StringValue(value=value)


def text_of(message: Message | None) -> str:
    return message.value if isinstance(message, StringValue) else ""


def registry(without: str = "") -> SchemaRegistry:
    """The names of the application; ``without`` one UI event that it does not know any more."""
    names = SchemaRegistry()
    for command in ("Put", "Refuse", "Fail", "Wait", "Unhandled"):
        names.register_command(command, StringValue)
    names.add(CommandType("WaitAgain", StringValue, idempotent=True))
    names.register_event("Put", StringValue)
    names.add(EventType("Blinked", StringValue, ephemeral=True))
    for ui_event in {"Set", "Blink"} - {without}:
        names.register_ui_event(ui_event, StringValue)
    names.register_timeline_entity("Cell", StringValue)
    return names


def parts(payload: Message) -> Iterable[tuple[str, str]]:
    for part in filter(None, text_of(payload).split(",")):
        cell, _, value = part.partition("=")
        yield cell, value


def show(event: Event[Message], _: Session, __: TimelineView) -> Iterable[UIEvent[Message]]:
    if event.name == "Blinked":
        yield UIEvent(name="Blink", payload=event.payload)
        return
    for cell, value in parts(event.payload):
        yield UIEvent(name="Set", payload=text(f"{cell}={value}"))


def keep(event: Event[Message], _: Session, __: TimelineView) -> Iterable[TimelineEntity[Message]]:
    for cell, value in dict(parts(event.payload)).items():
        if value:
            yield TimelineEntity(kind="Cell", id=cell, payload=text(value))
        else:
            yield TimelineEntity(kind="Cell", id=cell, tombstone=True)


async def put(command: Command[Message], _: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Put", command.payload)


async def refuse(command: Command[Message], _: Session, __: EventPublisher) -> None:
    raise CommandRefusedError("not_today", text_of(command.payload))


async def fail(_: Command[Message], __: Session, ___: EventPublisher) -> None:
    raise ValueError("a secret of the server")


class Gate:
    """Holds the commands ``Wait`` and ``WaitAgain`` until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()

    async def __call__(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        await self.opened.wait()
        await put(command, session, publisher)


def install(hub: Hub, gate: Gate | None = None) -> None:
    gate = Gate() if gate is None else gate
    hub.register_command("Put", put)
    hub.register_command("Refuse", refuse)
    hub.register_command("Fail", fail)
    hub.register_command("Wait", gate)
    hub.register_command("WaitAgain", gate)
    hub.register_ui_projection(show)
    hub.register_timeline_projection(keep)


def cells(snapshot: Snapshot) -> dict[str, str]:
    """What the cells of a session are."""
    return {entity.id: text_of(entity.payload) for entity in snapshot.entities}
