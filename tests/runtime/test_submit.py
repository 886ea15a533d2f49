"""What submit refuses, and how handlers run."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from google.protobuf.descriptor_pb2 import UninterpretedOption
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    Command,
    CommandType,
    DuplicateNameError,
    EventPublisher,
    HandlerError,
    Hub,
    PayloadTypeError,
    SchemaError,
    SchemaRegistry,
    Session,
    SessionIdError,
    UnknownNameError,
)
from sessionstream.testing.stores.backend import events_of
from sessionstream.typed import CommandHandler
from tests.runtime.app import text, text_of


async def do_nothing(
    command: Command[Message], session: Session, publisher: EventPublisher
) -> None:
    pass


async def echo(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Said", text(text_of(command.payload)))


@pytest.fixture
def hub(registry: SchemaRegistry) -> Hub:
    return Hub(registry)


class TestRegisteringAHandler:
    def test_an_unknown_command_is_refused(self, hub: Hub) -> None:
        with pytest.raises(UnknownNameError):
            hub.register_command("Shout", do_nothing)

    def test_a_second_handler_is_refused_and_both_are_named(self, hub: Hub) -> None:
        hub.register_command("Say", do_nothing)
        with pytest.raises(DuplicateNameError, match=r"(?s)do_nothing.*echo"):
            hub.register_command("Say", echo)

    def test_a_handler_that_is_no_function_is_refused(self, hub: Hub) -> None:
        with pytest.raises(HandlerError, match="coroutine function"):
            hub.register_command("Say", cast(CommandHandler, "do_nothing"))

    def test_an_alias_stands_for_its_command(self, registry: SchemaRegistry, hub: Hub) -> None:
        registry.add(CommandType("New", StringValue, aliases=("Old",)))
        hub.register_command("Old", do_nothing)
        with pytest.raises(DuplicateNameError):
            hub.register_command("New", do_nothing)


class TestWhatSubmitRefuses:
    async def test_an_unknown_command(self, hub: Hub) -> None:
        with pytest.raises(UnknownNameError, match="unknown command 'Shout'"):
            await hub.submit("s", "Shout", text("hi"))

    async def test_a_payload_of_another_message(self, hub: Hub) -> None:
        hub.register_command("Say", do_nothing)
        with pytest.raises(PayloadTypeError, match=r"takes .*StringValue; got .*Int64Value"):
            await hub.submit("s", "Say", Int64Value(value=1))

    async def test_a_message_class_in_place_of_an_instance(self, hub: Hub) -> None:
        hub.register_command("Say", do_nothing)
        with pytest.raises(PayloadTypeError, match="got the class StringValue itself"):
            await hub.submit("s", "Say", cast(Message, StringValue))

    @pytest.mark.parametrize("payload", [None, "hi", {"value": "hi"}])
    async def test_what_is_no_message(self, hub: Hub, payload: object) -> None:
        hub.register_command("Say", do_nothing)
        with pytest.raises(PayloadTypeError):
            await hub.submit("s", "Say", cast(Message, payload))

    async def test_a_payload_without_its_required_fields(
        self, registry: SchemaRegistry, hub: Hub
    ) -> None:
        registry.register_command("Old", UninterpretedOption)
        hub.register_command("Old", do_nothing)
        incomplete = UninterpretedOption(name=[UninterpretedOption.NamePart()])
        with pytest.raises(SchemaError, match="required fields"):
            await hub.submit("s", "Old", incomplete)

    @pytest.mark.parametrize(
        "session_id", ["", "x" * 513, "\ud800", cast(str, None), cast(str, b"s"), cast(str, 5)]
    )
    async def test_an_unusable_session_id(self, hub: Hub, session_id: str) -> None:
        hub.register_command("Say", do_nothing)
        with pytest.raises(SessionIdError):
            await hub.submit(session_id, "Say", text("hi"))

    async def test_a_command_without_a_handler(self, hub: Hub) -> None:
        with pytest.raises(HandlerError, match="no handler is registered"):
            await hub.submit("s", "Say", text("hi"))

    async def test_a_handler_that_is_not_async(self, hub: Hub) -> None:
        def plain(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
            pass

        hub.register_command("Say", cast(CommandHandler, plain))
        with pytest.raises(HandlerError, match="not async"):
            await hub.submit("s", "Say", text("hi"))


class TestRunningAHandler:
    async def test_submit_returns_when_the_handler_has_returned(self, hub: Hub) -> None:
        async with hub:
            hub.register_command("Say", echo)
            await hub.submit("s", "Say", text("hi"))
            assert await hub.event_cursor("s") == 1

    async def test_the_longest_session_id_works(self, hub: Hub) -> None:
        async with hub:
            hub.register_command("Say", echo)
            await hub.submit("ü" * 512, "Say", text("hi"))
            assert await hub.event_cursor("ü" * 512) == 1

    async def test_the_handler_gets_the_command_under_its_current_name(
        self, registry: SchemaRegistry, hub: Hub
    ) -> None:
        got: list[Command[Message]] = []

        async def keep(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            got.append(command)

        registry.add(CommandType("New", StringValue, aliases=("Old",)))
        hub.register_command("New", keep)
        await hub.submit("s", "Old", text("hi"))
        assert got == [Command(session_id="s", name="New", payload=text("hi"))]

    async def test_the_payload_is_copied_before_the_call_suspends(self, hub: Hub) -> None:
        async with hub:
            hub.register_command("Say", echo)
            payload = text("before")
            submitted = asyncio.ensure_future(hub.submit("s", "Say", payload))
            await asyncio.sleep(0)
            payload.value = "after"
            await submitted
            assert text_of((await events_of(hub._store, "s"))[0].payload) == "before"

    async def test_a_handler_may_change_its_payload(self, hub: Hub) -> None:
        async def change(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            command.payload.Clear()

        hub.register_command("Say", change)
        payload = text("mine")
        await hub.submit("s", "Say", payload)
        assert payload.value == "mine"

    async def test_what_a_handler_raises_reaches_its_caller_unwrapped(self, hub: Hub) -> None:
        problem = KeyError("mine")

        async def fail(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            raise problem

        hub.register_command("Say", fail)
        with pytest.raises(KeyError) as caught:
            await hub.submit("s", "Say", text("hi"))
        assert caught.value is problem

    async def test_a_handler_that_raises_fails_its_own_submit_only(self, hub: Hub) -> None:
        begun = asyncio.Event()
        both = asyncio.Event()

        async def fail_odd(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            if text_of(command.payload) == "bad":
                begun.set()
                raise ValueError("bad")
            await both.wait()
            await publisher.publish("Said", text("good"))

        async with hub:
            hub.register_command("Say", fail_odd)
            good = asyncio.ensure_future(hub.submit("s", "Say", text("good")))
            bad = asyncio.ensure_future(hub.submit("s", "Say", text("bad")))
            await begun.wait()
            both.set()
            results = await asyncio.gather(good, bad, return_exceptions=True)
            assert [type(result) for result in results] == [type(None), ValueError]
            assert await hub.event_cursor("s") == 1

    async def test_what_a_failing_handler_published_stays(self, hub: Hub) -> None:
        async def publish_then_fail(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await publisher.publish("Said", text("a=1"))
            raise ValueError("late")

        async with hub:
            hub.register_command("Say", publish_then_fail)
            with pytest.raises(ValueError, match="late"):
                await hub.submit("s", "Say", text("hi"))
            assert await hub.event_cursor("s") == 1

    async def test_a_handler_may_submit_to_its_own_session(self, hub: Hub) -> None:
        async def nest(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await publisher.publish("Said", text("outer"))
            await hub.submit(session.id, "Say", text("inner"))

        async with hub:
            hub.register_command("Say", echo)
            hub.register_command("Count", nest)
            await hub.submit("s", "Count", Int64Value())
            assert await hub.event_cursor("s") == 2

    async def test_a_handler_may_publish_from_several_tasks(self, hub: Hub) -> None:
        async def spread(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            events = await asyncio.gather(
                *(publisher.publish("Said", text(str(number))) for number in range(20))
            )
            assert [event.ordinal for event in events] == list(range(1, 21))

        async with hub:
            hub.register_command("Say", spread)
            await hub.submit("s", "Say", text("hi"))
