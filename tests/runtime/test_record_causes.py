"""What records say of where a thing came from, and how long it took."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    PipelineRecord,
    PipelineStage,
    SchemaError,
    SchemaRegistry,
    Session,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, say, text

WHERE: ContextVar[str] = ContextVar("where", default="")
COMMITTED = PipelineStage.EVENT_COMMITTED


async def handle(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Said", text("a=1"))


async def later(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    async def work() -> None:
        await publisher.publish("Said", text("a=1"))

    session.tasks.start("work", work())


async def fail(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    raise ValueError("no")


class Answers:
    """A `UIFanout` that publishes an event when it is told of one."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        if ordinal == 1:
            await say(self._hub, "b=2", session_id)


@pytest.fixture
def hub(registry: SchemaRegistry, observer: RecordingObserver) -> Hub:
    hub = Hub(registry, observers=[observer], record_context=WHERE.get)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    return hub


def runs(records: Sequence[PipelineRecord]) -> list[tuple[str, int]]:
    return [(record.stage.value.partition("_")[2], record.run) for record in records]


class TestTheRunOfACommand:
    async def test_is_on_all_its_records_and_on_its_events(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.register_command("Say", handle)
            await hub.submit("s", "Say", text("hi"))
            await hub.submit("s", "Say", text("hi"))
        first, second = observer.pipeline[:3], observer.pipeline[3:]
        assert len({record.run for record in first}) == len({record.run for record in second}) == 1
        assert 0 < first[0].run < second[0].run

    async def test_is_on_what_its_tasks_publish_after_it_has_ended(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.register_command("Say", later)
            await hub.submit("s", "Say", text("hi"))
            await (await hub.session("s")).tasks.wait_idle()
        run = observer.pipeline[0].run
        assert runs(observer.pipeline) == [
            ("started", run),
            ("completed", run),
            ("committed", run),
        ]

    async def test_is_none_for_what_nobody_commanded(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            await say(hub, "a=1")
        assert runs(observer.pipeline) == [("committed", 0)]

    async def test_does_not_go_on_in_a_fanout(self, hub: Hub, observer: RecordingObserver) -> None:
        """Its task may have been begun by any command, and serves all."""
        async with hub:
            hub.add_fanout(Answers(hub))
            hub.register_command("Say", handle)
            await hub.submit("s", "Say", text("hi"))
        events = [each for each in observer.pipeline if each.stage is COMMITTED]
        assert [event.ordinal for event in events if event.run] == [1]

    async def test_names_the_one_that_submitted_it(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async def relay(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await hub.submit("t", "Say", text("hi"))

        async with hub:
            hub.register_command("Say", handle)
            hub.register_command("Count", relay)
            await hub.submit("s", "Count", hub.registry.command_type("Count").message_type())
        outer, inner = observer.pipeline[:2]
        assert (outer.parent_run, inner.parent_run) == (0, outer.run)


class TestACommandsRecords:
    async def test_name_what_it_failed_with(self, hub: Hub, observer: RecordingObserver) -> None:
        async with hub:
            hub.register_command("Say", fail)
            with pytest.raises(ValueError, match="no"):
                await hub.submit("s", "Say", text("hi"))
        assert [record.error_type for record in observer.pipeline] == ["", "ValueError"]

    async def test_name_the_id_that_a_client_gave_it(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.register_command("Say", handle)
            receipt = await hub.accept("s", "Say", text("hi"), command_id="from-a-client")
            assert receipt.outcome is not None
            await receipt.outcome
        commands = [each for each in observer.pipeline if each.stage is not COMMITTED]
        assert {each.command_id for each in commands} == {"from-a-client"}


class TestTimes:
    async def test_of_a_command_and_its_event_are_in_their_order(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.register_command("Say", handle)
            await hub.submit("s", "Say", text("hi"))
        started, event, completed = observer.pipeline
        assert event.began_at is not None
        assert event.commit_began_at is not None
        assert event.began_at <= event.commit_began_at <= event.occurred_at
        assert started.began_at is not None
        assert started.began_at <= started.occurred_at <= completed.occurred_at

    async def test_of_an_ephemeral_event_have_no_commit(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            await hub.publish("s", "Blinked", text("now"))
        (record,) = observer.pipeline
        assert record.began_at is not None
        assert record.commit_began_at is None


class TestAContext:
    async def test_is_the_one_of_who_asked(self, hub: Hub, observer: RecordingObserver) -> None:
        async def say_there(where: str) -> None:
            WHERE.set(where)
            await say(hub, "a=1", where)

        async with hub, asyncio.TaskGroup() as group:
            for where in ("here", "there"):
                group.create_task(say_there(where))
        assert {each.session_id: each.context for each in observer.pipeline} == {
            "here": "here",
            "there": "there",
        }

    async def test_that_can_not_be_taken_stops_nothing(
        self,
        registry: SchemaRegistry,
        observer: RecordingObserver,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def refuse() -> object:
            raise RuntimeError("no context")

        async with Hub(registry, observers=[observer], record_context=refuse) as hub:
            await say(hub, "a=1")
        assert [record.context for record in observer.pipeline] == [None]
        assert "no context" in caplog.text

    async def test_is_not_asked_for_where_nobody_observes(self, registry: SchemaRegistry) -> None:
        async with Hub(registry, record_context=lambda: pytest.fail("asked")) as hub:
            await say(hub, "a=1")

    def test_must_come_from_a_function(self, registry: SchemaRegistry) -> None:
        with pytest.raises((SchemaError, TypeError), match="record_context"):
            Hub(registry, record_context="span")  # type: ignore[arg-type]


class TestADelivery:
    async def test_is_told_of_each_fanout_after_the_commit(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.add_fanout(RecordingFanout())
            await say(hub, "a=1")
            await hub.publish("s", "Blinked", text("now"))
        [delivery] = observer.deliveries
        assert (delivery.fanout, delivery.session_id, delivery.ordinal) == (
            "RecordingFanout",
            "s",
            1,
        )
        [committed] = [each for each in observer.pipeline if each.stage is COMMITTED]
        assert observer.records.index(committed) < observer.records.index(delivery)
        assert delivery.began_at <= delivery.occurred_at

    async def test_that_failed_has_an_error_instead(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        class Broken(RecordingFanout):
            async def publish_ui(
                self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
            ) -> None:
                raise RuntimeError("broken")

        async with hub:
            hub.add_fanout(Broken())
            await say(hub, "a=1")
        assert observer.deliveries == []
        assert [error.name for error in observer.errors] == ["Broken"]
