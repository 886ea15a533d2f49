"""A Hub that is observed."""

from __future__ import annotations

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    CommandRefusedError,
    EventPublisher,
    Hub,
    Observer,
    RecordContext,
    SchemaRegistry,
    Session,
)
from tests.runtime.app import Lines, Shows, text, text_of


async def handle(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    """Says what it is told; refuses ``-``, fails on ``!``, says ``~…`` later."""
    wanted = text_of(command.payload)
    if wanted == "-":
        raise CommandRefusedError("bad_prompt", "There is nothing to say.")
    if wanted == "!":
        raise ValueError("secret")
    if wanted.startswith("~"):
        session.tasks.start("later", say_later(publisher, text(wanted[1:])))
    else:
        await publisher.publish("Said", text(wanted))


async def say_later(publisher: EventPublisher, payload: StringValue) -> None:
    await publisher.publish("Said", payload)


def hub_with(
    registry: SchemaRegistry, observer: Observer, record_context: RecordContext | None = None
) -> Hub:
    """A Hub with the command ``Say``; its timeline projection fails on ``bad``."""
    hub = Hub(registry, observers=[observer], record_context=record_context)
    hub.register_timeline_projection(Lines("bad"))
    hub.register_ui_projection(Shows())
    hub.register_command("Say", handle)
    return hub
