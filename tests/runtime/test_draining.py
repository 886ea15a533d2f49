"""What a Hub that closes still finishes, and what is left when its time is out."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    HubClosedError,
    HydrationStore,
    SchemaRegistry,
    Session,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Lines, Shows, forever, say, settled, text
from tests.runtime.handlers import Handler, others


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, fanout: RecordingFanout) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    return hub


@pytest.fixture
def impatient(registry: SchemaRegistry, gated: GatedStore, fanout: RecordingFanout) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout, drain_seconds=0.0)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    return hub


class TestWhatWasAccepted:
    async def test_a_publish_is_finished_and_fanned_out(
        self, hub: Hub, gated: GatedStore, fanout: RecordingFanout
    ) -> None:
        gated.hold()
        published = [asyncio.ensure_future(say(hub, "x")) for _ in range(3)]
        await gated.wait_held()
        closing = asyncio.ensure_future(hub.aclose())
        await settled()
        gated.release()
        await closing
        assert [(await event).ordinal for event in published] == [1, 2, 3]
        assert fanout.ordinals("s") == [1, 2, 3]

    async def test_a_command_runs_to_its_end_and_may_publish(self, hub: Hub) -> None:
        handler = Handler()
        hub.register_command("Say", handler)
        submitted = asyncio.ensure_future(hub.submit("s", "Say", text("x")))
        await handler.begun.wait()
        closing = asyncio.ensure_future(hub.aclose())
        await settled()
        with pytest.raises(HubClosedError):
            await hub.submit("s", "Say", text("y"))
        handler.open.set()
        await closing
        await submitted
        assert len(await hub._store.events("s")) == 1

    async def test_a_command_whose_session_is_being_opened_runs_too(
        self, registry: SchemaRegistry
    ) -> None:
        made = asyncio.Event()
        handler = Handler()
        handler.open.set()

        async def make(session_id: str) -> object:
            await made.wait()
            return None

        hub = Hub(registry, session_metadata=make)
        hub.register_command("Say", handler)
        submitted = asyncio.ensure_future(hub.submit("s", "Say", text("x")))
        await settled()
        closing = asyncio.ensure_future(hub.aclose())
        await settled()
        assert not closing.done()
        made.set()
        await closing
        await submitted
        assert handler.error is None
        assert len(await hub._store.events("s")) == 1

    async def test_under_load_all_that_returned_is_stored_and_all_else_is_refused(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        hub = Hub(registry, store=store)
        stored = refused = 0
        begun = asyncio.Event()

        async def publish() -> None:
            nonlocal stored, refused
            while not refused:
                try:
                    await say(hub, "x")
                    stored += 1
                except HubClosedError:
                    refused += 1
                if stored > 50:
                    begun.set()

        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(publish())
            await begun.wait()
            await hub.aclose()
        assert len(await store.events("s", limit=100_000)) == stored
        assert refused

    async def test_a_command_that_waits_for_its_session_to_be_idle_is_not_a_deadlock(
        self, impatient: Hub
    ) -> None:
        waits = asyncio.Event()

        async def wait(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            session.tasks.start("forever", forever())
            waits.set()
            await session.tasks.wait_idle()

        impatient.register_command("Say", wait)
        submitted = asyncio.ensure_future(impatient.submit("s", "Say", text("x")))
        await waits.wait()
        await impatient.aclose()
        with pytest.raises(HubClosedError):
            await submitted

    async def test_a_command_that_closes_the_hub_is_not_a_deadlock(self, impatient: Hub) -> None:

        async def close(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await impatient.aclose()

        impatient.register_command("Say", close)
        with pytest.raises(HubClosedError):
            await impatient.submit("s", "Say", text("x"))
        await impatient.aclose()


class TestOutOfTime:
    @pytest.fixture
    def hub(self, impatient: Hub) -> Hub:
        return impatient

    async def test_a_handler_is_cancelled_and_its_caller_told(self, hub: Hub) -> None:
        handler = Handler()
        hub.register_command("Say", handler)
        submitted = asyncio.ensure_future(hub.submit("s", "Say", text("x")))
        await handler.begun.wait()
        await hub.aclose()
        with pytest.raises(HubClosedError, match="'Say'"):
            await submitted
        assert isinstance(handler.error, asyncio.CancelledError)

    async def test_a_handler_may_publish_while_it_is_being_cancelled(self, hub: Hub) -> None:
        begun = asyncio.Event()

        async def clean_up(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            begun.set()
            try:
                await forever()
            finally:
                await publisher.publish("Said", text("stopped"))

        hub.register_command("Say", clean_up)
        submitted = asyncio.ensure_future(hub.submit("s", "Say", text("x")))
        await begun.wait()
        await hub.aclose()
        with pytest.raises(HubClosedError):
            await submitted
        assert len(await hub._store.events("s")) == 1

    async def test_a_metadata_factory_that_hangs_keeps_nobody_waiting(
        self, registry: SchemaRegistry
    ) -> None:
        async def hang(session_id: str) -> object:
            return await asyncio.Event().wait()

        hub = Hub(registry, session_metadata=hang, drain_seconds=0.0)
        hub.register_command("Say", Handler())
        work = [
            asyncio.ensure_future(hub.submit("s", "Say", text("x"))),
            asyncio.ensure_future(say(hub, "x")),
        ]
        await settled()
        await hub.aclose()
        results = await asyncio.gather(*work, return_exceptions=True)
        assert [type(result) for result in results] == [HubClosedError, HubClosedError]

    async def test_publishers_behind_a_commit_that_hangs_are_told(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        gated.hold()
        published = [asyncio.ensure_future(say(hub, "x", name)) for name in "aab"]
        await gated.wait_held()
        published += [asyncio.ensure_future(say(hub, "x", name)) for name in "abc"]
        await settled()
        await hub.aclose()
        results = await asyncio.gather(*published, return_exceptions=True)
        assert {type(result) for result in results} == {HubClosedError}

    async def test_a_publisher_that_came_in_the_last_moment_is_told(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        """Its lane is stopped before its first step."""
        gated.hold()
        published: list[asyncio.Future[object]] = []

        async def last_moment() -> None:
            try:
                await forever()
            finally:
                published.append(asyncio.ensure_future(hub._publish("s", [("Said", text("x"))])))

        (await hub.session("s")).tasks.start("late", last_moment())
        await settled()
        await hub.aclose()
        results = await asyncio.gather(*published, return_exceptions=True)
        assert [type(result) for result in results] == [HubClosedError]

    async def test_a_fanout_that_is_stuck_is_cancelled(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        fanout.hold()
        await say(hub, "x")
        await fanout.wait_stuck()
        await hub.aclose()
        assert fanout.stuck == 0
        assert fanout.batches == []

    async def test_no_task_is_left(
        self, hub: Hub, gated: GatedStore, fanout: RecordingFanout
    ) -> None:
        before = others()
        handler = Handler()
        hub.register_command("Say", handler)
        fanout.hold()
        await say(hub, "x", "stuck")
        gated.hold()
        work = [
            asyncio.ensure_future(say(hub, "x")),
            asyncio.ensure_future(hub.submit("s", "Say", text("x"))),
            asyncio.ensure_future(hub.rebuild_timeline("s")),
        ]
        await handler.begun.wait()
        await hub.aclose()
        await asyncio.gather(*work, return_exceptions=True)
        assert others() == before
