"""The calls that generated modules are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Command,
    CommandType,
    EntityType,
    Event,
    EventPublisher,
    EventType,
    Hub,
    PayloadTypeError,
    SchemaError,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
    typed,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import lines, say, shown, text, text_of

SAY = CommandType("Say", StringValue)
SAID = EventType("Said", StringValue)
LINE = EntityType("Line", StringValue, key="value")
NUMBER = EntityType("Number", Int64Value, key="value")


class View:
    def __init__(self, view: TimelineView) -> None:
        self.line = typed.EntityView(view, LINE)


class Publisher:
    def __init__(self, publisher: EventPublisher) -> None:
        self._publisher = publisher

    async def said(self, payload: StringValue) -> Event[StringValue]:
        return await self._publisher.publish(SAID.name, payload)


async def echo(command: Command[StringValue], session: Session, publisher: Publisher) -> None:
    await publisher.said(command.payload)


def keep(
    event: Event[StringValue], session: Session, view: View
) -> list[TimelineEntity[StringValue]]:
    known = view.line.get("known")
    if known is not None and event.payload.value == "forget":
        return [typed.EntityFactory(LINE).tombstone("known")]
    return [typed.EntityFactory(LINE)(event.payload)]


def show(event: Event[StringValue], session: Session, view: View) -> Iterable[UIEvent[Message]]:
    yield shown(",".join(payload.value for payload in view.line.list()))


class TestInAHub:
    async def test_a_typed_handler_gets_its_publisher(self, registry: SchemaRegistry) -> None:
        async with Hub(registry) as hub:
            hub.register_command("Say", typed.command_handler(SAY, echo, Publisher))
            await hub.submit("s", "Say", text("hi"))
            assert await hub.event_cursor("s") == 1

    async def test_routes_call_the_method_of_the_event(
        self, registry: SchemaRegistry, fanout: RecordingFanout
    ) -> None:
        async with Hub(registry, fanout=fanout) as hub:
            hub.register_timeline_projection(typed.TimelineRoutes(View, typed.on(SAID, keep)))
            hub.register_ui_projection(typed.UIRoutes(View, typed.on(SAID, show)))
            for value in ("known", "other", "forget"):
                await say(hub, value)
            assert lines(await hub.snapshot("s")) == ["other=other"]
        assert [text_of(payload) for payload in fanout.payloads("s")] == [
            "",
            "known",
            "known,other",
        ]

    async def test_events_without_a_route_give_nothing(
        self, registry: SchemaRegistry, fanout: RecordingFanout
    ) -> None:
        registry.register_event("Other", StringValue)
        async with Hub(registry, fanout=fanout) as hub:
            hub.register_timeline_projection(typed.TimelineRoutes(View, typed.on(SAID, keep)))
            hub.register_ui_projection(typed.UIRoutes(View, typed.on(SAID, show)))
            await hub.publish("s", "Other", text("x"))
            assert (await hub.snapshot("s")).entities == ()
        assert fanout.batches == []


class TestEntityFactory:
    def test_the_id_comes_from_the_key_field(self) -> None:
        assert typed.EntityFactory(LINE)(text("a")) == TimelineEntity(
            kind="Line", id="a", payload=text("a")
        )

    def test_an_integer_key_is_written_in_decimal(self) -> None:
        factory = typed.EntityFactory(NUMBER)
        assert factory(Int64Value(value=-7)).id == factory.tombstone(-7).id == "-7"

    def test_an_integer_key_of_0_is_an_id(self) -> None:
        assert typed.EntityFactory(NUMBER)(Int64Value()).id == "0"

    def test_an_empty_key_is_refused(self) -> None:
        with pytest.raises(SchemaError, match="empty key: set the field 'value'"):
            typed.EntityFactory(LINE)(StringValue())

    def test_a_payload_of_another_message_is_refused(self) -> None:
        with pytest.raises(PayloadTypeError):
            typed.EntityFactory(LINE)(cast(StringValue, Int64Value()))

    def test_a_tombstone_has_no_payload(self) -> None:
        tombstone = typed.EntityFactory(LINE).tombstone("a")
        assert tombstone == TimelineEntity(kind="Line", id="a", tombstone=True)


class TestEventName:
    def test_a_payload_answers_its_name(self) -> None:
        assert typed.event_name({StringValue: "Said"}, text("x")) == "Said"

    def test_a_payload_of_no_event_names_those_that_are(self) -> None:
        with pytest.raises(
            PayloadTypeError, match=r"takes google\.protobuf\.StringValue; got .*Int64"
        ):
            typed.event_name({StringValue: "Said"}, Int64Value())

    def test_a_module_without_events_says_so(self) -> None:
        with pytest.raises(PayloadTypeError, match="no event at all"):
            typed.event_name({}, text("x"))
