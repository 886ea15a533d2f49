"""Closing and purging sessions while they are in use."""

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
    StoreError,
)
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, forever, lines, refused, say, settled, text


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=store), timeline)


@pytest.fixture
def gated_hub(registry: SchemaRegistry, gated: GatedStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=gated), timeline)


def with_timeline(hub: Hub, timeline: Lines) -> Hub:
    hub.register_timeline_projection(timeline)
    return hub


class TestAClosedSession:
    async def test_is_opened_by_its_next_event(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            assert await store.closed_sessions() == ["s"]
            await say(hub, "b=2")
            assert await store.closed_sessions() == []

    async def test_is_closed_after_what_was_published_before(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            gated.hold()
            said = asyncio.ensure_future(say(hub, "a=1"))
            await gated.wait_held()
            closed = asyncio.ensure_future(hub.close_session("s"))
            await settled()
            gated.release()
            await asyncio.gather(said, closed)
            assert await gated.closed_sessions() == ["s"]

    async def test_stays_closed_when_its_entities_are_stored_later(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.close_session("s")
        assert (await store.cursors("s")).timeline == 1
        assert await store.closed_sessions() == ["s"]

    async def test_is_not_opened_by_an_ephemeral_event(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            await hub.publish("s", "Blinked", text("x"))
            assert await store.closed_sessions() == ["s"]

    async def test_is_not_opened_by_what_is_done_to_its_timeline(
        self, hub: Hub, store: HydrationStore, timeline: Lines
    ) -> None:
        async with hub:
            timeline.bad = {"a=1"}
            await refused(hub, "a=1")
            await hub.close_session("s")
            timeline.bad = set()
            await hub.retry_timeline("s")
            await hub.rebuild_timeline("s")
            await hub.compact("s", keep=0)
            assert await store.closed_sessions() == ["s"]

    async def test_can_be_read_and_takes_commands_which_open_it_by_their_first_event(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        heard: list[list[str]] = []

        async def handle(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            heard.append(await store.closed_sessions())
            await publisher.publish("Said", command.payload)
            heard.append(await store.closed_sessions())

        async with hub:
            hub.register_command("Say", handle)
            await say(hub, "a=1")
            await hub.close_session("s")
            assert lines(await hub.snapshot("s")) == ["a=1"]
            await hub.submit("s", "Say", text("b=2"))
            assert heard == [["s"], []]

    async def test_that_is_closed_again_stays_where_it_was_among_the_others(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            for session_id in ("s", "t"):
                await say(hub, "a=1", session_id)
                await hub.close_session(session_id)
            await hub.close_session("s")
            assert await store.closed_sessions() == ["s", "t"]

    async def test_is_none_where_there_is_no_session(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await hub.close_session("unknown")
            assert await store.closed_sessions() == await store.sessions() == []

    async def test_is_none_of_a_hub_that_is_closed(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await say(hub, "a=1")
        with pytest.raises(HubClosedError):
            await hub.close_session("s")
        assert await store.closed_sessions() == []


class TestPurge:
    async def test_deletes_what_was_closed_before_a_time(
        self, hub: Hub, store: HydrationStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with hub:
            for session_id, now in (("old", 10.0), ("new", 20.0)):
                monkeypatch.setattr("time.time", lambda now=now: now)
                await say(hub, "a=1", session_id)
                await hub.close_session(session_id)
            assert await hub.purge(closed_before=10.0) == []
            assert await hub.purge(closed_before=15.0) == ["old"]
            assert await store.sessions() == ["new"]

    async def test_leaves_a_session_whose_task_is_running(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        """Its next event would begin a session that knows nothing of what came before."""
        async with hub:
            await say(hub, "a=1")
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", forever())
            await hub.close_session("s")
            assert await hub.purge(keep=0) == []
            assert (await store.closed_sessions()) == ["s"]
            tasks.cancel("answer")
            await tasks.wait_idle()
            assert await hub.purge(keep=0) == ["s"]

    async def test_leaves_a_session_whose_command_is_running(self, hub: Hub) -> None:
        go_on = asyncio.Event()

        async def handle(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await go_on.wait()
            await publisher.publish("Said", command.payload)

        async with hub:
            hub.register_command("Say", handle)
            await say(hub, "a=1")
            await hub.close_session("s")
            submitted = asyncio.ensure_future(hub.submit("s", "Say", text("b=2")))
            await settled()
            assert await hub.purge(keep=0) == []
            go_on.set()
            await submitted
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_leaves_a_session_to_which_an_event_comes_before_it_is_deleted(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            gated.hold()
            rebuilt = asyncio.ensure_future(hub.rebuild_timeline("s"))
            await gated.wait_held()
            purged = asyncio.ensure_future(hub.purge(keep=0))
            await settled()
            said = asyncio.ensure_future(say(hub, "b=2"))
            await settled()
            gated.release()
            assert (await said).ordinal == 2
            assert await purged == []
            await rebuilt

    async def test_keeps_the_metadata_of_a_session_that_it_leaves(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        lives: list[str] = []

        async def metadata(session_id: str) -> object:
            lives.append(session_id)
            return len(lives)

        async with Hub(registry, store=store, session_metadata=metadata) as hub:
            session = await hub.session("s")
            await say(hub, "a=1")
            await hub.close_session("s")
            session.tasks.start("answer", forever())
            await hub.purge(keep=0)
            assert (await hub.session("s")).metadata == 1

    async def test_deletes_closed_sessions_from_memory_too(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            for session_id in ("old", "new", "open"):
                await say(hub, "a=1", session_id)
            await hub.close_session("old")
            await hub.close_session("new")
            assert await hub.purge(keep=1) == ["old"]
            assert await store.sessions() == ["new", "open"]
            assert (await say(hub, "b=2", "old")).ordinal == 1

    async def test_without_a_limit_is_refused(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(StoreError, match="closed_before, keep"):
                await hub.purge()

    async def test_leaves_a_session_that_was_opened_meanwhile(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            gated.hold()
            said = asyncio.ensure_future(say(hub, "b=2"))
            await gated.wait_held()
            purged = asyncio.ensure_future(hub.purge(keep=0))
            await settled()
            gated.release()
            await said
            assert await purged == []
            assert (await say(hub, "c=3")).ordinal == 3
