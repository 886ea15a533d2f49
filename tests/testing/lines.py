"""A small application: lines are written and removed; blinking is ephemeral.

Its messages come with protobuf, a type for each role, as a generated module has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union

from google.protobuf.api_pb2 import Mixin
from google.protobuf.message import Message
from google.protobuf.source_context_pb2 import SourceContext
from google.protobuf.wrappers_pb2 import BoolValue, StringValue

from sessionstream import (
    Command,
    CommandType,
    EntityType,
    Event,
    EventPublisher,
    EventType,
    Hub,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
    UIEventType,
)
from sessionstream.testing import Scenario

LinesCommand = StringValue
LinesEvent = Union[Mixin, SourceContext, BoolValue]
LinesScenario = Scenario[LinesCommand, LinesEvent, UIEvent[Mixin], TimelineEntity[Mixin]]

BLINKED = BoolValue()


def write(text: str) -> StringValue:
    """The command: its words become lines; the word ``blink`` blinks, ``fail`` raises."""
    return StringValue(value=text)


def written(line_id: str, text: str = "") -> Mixin:
    """The event: a line was written; the payload of the UI event and of the entity too."""
    return Mixin(name=line_id, root=text)


def removed(line_id: str) -> SourceContext:
    """The event: a line was removed."""
    return SourceContext(file_name=line_id)


def shown(line_id: str, text: str = "") -> UIEvent[Mixin]:
    return UIEvent(name="Shown", payload=written(line_id, text))


def line(line_id: str, text: str = "") -> TimelineEntity[Mixin]:
    return TimelineEntity(kind="Line", id=line_id, payload=written(line_id, text))


def gone(line_id: str) -> TimelineEntity[Mixin]:
    return TimelineEntity(kind="Line", id=line_id, tombstone=True)


@dataclass
class Lines:
    """Installs the application. Projections fail on lines whose ids are in ``bad_…``."""

    bad_live: set[str] = field(default_factory=set)
    bad_stored: set[str] = field(default_factory=set)

    def __call__(self, hub: Hub) -> None:
        hub.registry.add(
            CommandType("Write", StringValue),
            EventType("Written", Mixin),
            EventType("Removed", SourceContext),
            EventType("Blinked", BoolValue, ephemeral=True),
            UIEventType("Shown", Mixin),
            EntityType("Line", Mixin),
        )
        hub.register_command("Write", self.handle)
        hub.register_ui_projection(self.live)
        hub.register_timeline_projection(self.stored)

    async def handle(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        assert isinstance(command.payload, StringValue)
        for word in command.payload.value.split():
            if word == "fail":
                raise ValueError(f"no {word}")
            if word == "blink":
                await publisher.publish("Blinked", BLINKED)
            else:
                await publisher.publish("Written", written(word))

    def live(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        match event.payload:
            case Mixin() as payload:
                if payload.name in self.bad_live:
                    raise ValueError(f"no {payload.name} here")
                yield shown(payload.name, payload.root)
            case BoolValue():
                if "blink" in self.bad_live:
                    raise ValueError("no blink here")
                yield shown("blink")

    def stored(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        match event.payload:
            case Mixin() as payload:
                if payload.name in self.bad_stored:
                    raise ValueError(f"no {payload.name} here")
                yield line(payload.name, payload.root)
            case SourceContext() as payload:
                yield gone(payload.file_name)
