"""The calls that generated modules are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Command,
    CommandType,
    DuplicateNameError,
    EntityType,
    Event,
    EventPublisher,
    EventType,
    HandlerError,
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
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import lines, say, shown, text, text_of

SAY = CommandType("Say", StringValue)
SAID = EventType("Said", StringValue)
LINE = EntityType("Line", StringValue, key="value")


class View:
    def __init__(self, view: TimelineView) -> None:
        self.line = typed.EntityView(view, LINE, str)


class Publisher:
    def __init__(self, publisher: EventPublisher) -> None:
        self._publisher = publisher

    async def said(self, payload: StringValue) -> Event[StringValue]:
        return await self._publisher.publish(SAID.name, payload)


class Handlers:
    async def say(
        self, command: Command[StringValue], session: Session, publisher: Publisher
    ) -> None:
        await publisher.said(command.payload)


class Stored:
    def said(
        self, event: Event[StringValue], session: Session, view: View
    ) -> list[TimelineEntity[StringValue]]:
        known = view.line.get("known")
        if known is not None and event.payload.value == "forget":
            return [typed.EntityFactory(LINE, str).tombstone("known")]
        return [typed.EntityFactory(LINE, str)(event.payload)]


class Live:
    def said(
        self, event: Event[StringValue], session: Session, view: View
    ) -> Iterable[UIEvent[Message]]:
        yield shown(",".join(payload.value for payload in view.line.list()))


def install(
    hub: Hub,
    handlers: Handlers | None = None,
    live: Live | None = None,
    stored: Stored | None = None,
) -> None:
    """As a generated module does."""
    typed.install(
        hub,
        SAY,
        SAID,
        commands=typed.command_handlers(
            handlers or Handlers(), Publisher, typed.on_command(SAY, Handlers.say)
        ),
        ui=typed.ui_projection(live, View, typed.on_event(SAID, Live.said)),
        timeline=typed.timeline_projection(stored, View, typed.on_event(SAID, Stored.said)),
    )


class TestInAHub:
    async def test_a_store_knows_a_typed_projection_by_the_generated_class(
        self, registry: SchemaRegistry
    ) -> None:
        class Mine(Stored):
            """Users may rename it."""

        store = MemoryStore()
        async with Hub(registry, store=store) as hub:
            install(hub, stored=Mine())
            await hub.submit("s", "Say", text("hi"))
        assert (await store.cursors("s")).projections == ("tests.runtime.test_typed.Stored",)

    async def test_a_typed_handler_gets_its_publisher(self, registry: SchemaRegistry) -> None:
        async with Hub(registry) as hub:
            install(hub)
            await hub.submit("s", "Say", text("hi"))
            assert await hub.event_cursor("s") == 1

    async def test_a_handler_that_is_not_async_is_told_as_by_hand(
        self, registry: SchemaRegistry
    ) -> None:
        class Plain(Handlers):
            def say(self, *arguments: object) -> None:  # type: ignore[override]
                """Its `async` was forgotten."""

        async with Hub(registry) as hub:
            install(hub, Plain())
            with pytest.raises(HandlerError, match="not async"):
                await hub.submit("s", "Say", text("hi"))

    async def test_routes_call_the_method_of_the_event(
        self, registry: SchemaRegistry, fanout: RecordingFanout
    ) -> None:
        async with Hub(registry, fanout=fanout) as hub:
            install(hub, live=Live(), stored=Stored())
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
            install(hub, live=Live(), stored=Stored())
            await hub.publish("s", "Other", text("x"))
            assert (await hub.snapshot("s")).entities == ()
        assert fanout.batches == []


class TestInstalling:
    """Nothing is registered before everything is there."""

    def test_a_second_time_is_refused_with_what_is_there_and_what_to_do(self) -> None:
        hub = Hub(SchemaRegistry())
        install(hub)
        with pytest.raises(DuplicateNameError) as caught:
            install(hub)
        assert str(caught.value) == (
            f"the handler of command 'Say' is registered already, as {__name__}.Handlers.say; "
            f"refused: {__name__}.Handlers.say. "
            "A command has one handler: install a module once per Hub"
        )

    def test_a_missing_handler_names_its_class_and_method(self) -> None:
        hub = Hub(SchemaRegistry())
        with pytest.raises(HandlerError) as caught:
            install(hub, cast(Handlers, object()))
        assert str(caught.value) == (
            "command 'Say': object has no method 'say'; "
            "derive it from Handlers, and a type checker names all that it lacks"
        )
        assert hub.registry.command_names() == ()
        install(hub)

    @pytest.mark.parametrize("role", ["live", "stored"])
    def test_so_does_a_missing_method_of_a_projection(self, role: str) -> None:
        hub = Hub(SchemaRegistry())
        lacking = {role: cast(Any, object())}
        with pytest.raises(SchemaError, match="event 'Said': object has no method 'said'"):
            install(hub, **lacking)
        assert hub.registry.command_names() == ()
        install(hub, live=Live(), stored=Stored())

    def test_a_class_in_place_of_its_instance_is_refused_by_every_role(self) -> None:
        hub = Hub(SchemaRegistry())
        with pytest.raises(HandlerError) as caught:
            install(hub, cast(Any, Handlers))
        assert str(caught.value) == (
            "command 'Say': Handlers is a class; give an instance: Handlers(…)"
        )
        for lacking in ({"live": cast(Any, Live)}, {"stored": cast(Any, Stored)}):
            with pytest.raises(SchemaError, match=r"event 'Said': (Live|Stored) is a class; give"):
                install(hub, **lacking)
        assert hub.registry.command_names() == ()


class TestOverride:
    def test_it_marks_a_method(self) -> None:
        class Marked:
            @typed.override
            def method(self) -> None: ...  # type: ignore[misc]

        assert getattr(Marked.method, "__override__", False)

    def test_what_can_t_be_marked_stays_as_it_is(self) -> None:
        """`@override` above `@property`, as on Python 3.12 and newer."""
        found = property(lambda _: 1)
        assert cast(Any, typed.override)(found) is found


class TestEventNames:
    def test_a_payload_answers_its_name(self) -> None:
        assert typed.EventNames(SAID).of(text("x")) == "Said"

    def test_a_payload_of_no_event_names_those_that_are(self) -> None:
        with pytest.raises(
            PayloadTypeError, match=r"takes google\.protobuf\.StringValue; got .*Int64"
        ):
            typed.EventNames(SAID).of(Int64Value())

    def test_a_module_without_events_says_so(self) -> None:
        with pytest.raises(PayloadTypeError, match="no event at all"):
            typed.EventNames().of(text("x"))
