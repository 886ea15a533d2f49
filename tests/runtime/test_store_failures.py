"""What is left after a commit that failed, and what is seen while one is in flight."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from sessionstream import (
    Cursors,
    Event,
    Hub,
    HydrationStore,
    SchemaRegistry,
    SessionCommit,
    StoreConflictError,
    StoreError,
    StoreFullError,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, lines, say, settled, text, text_of

FULL = StoreFullError("memory", "no space")


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    gated: GatedStore,
    fanout: RecordingFanout,
    observer: RecordingObserver,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout, observers=[observer])
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


class TestACommitThatFails:
    async def test_its_error_reaches_the_publisher(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            gated.fail_next(FULL)
            with pytest.raises(StoreFullError) as caught:
                await say(hub, "a=1")
            assert caught.value is FULL

    async def test_exactly_the_publishes_in_it_fail(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            gated.hold()
            first = asyncio.ensure_future(say(hub, "a=1"))
            await gated.wait_held()
            rest = [asyncio.ensure_future(say(hub, value)) for value in ("b=2", "c=3")]
            await settled()
            gated.fail_next(FULL)
            gated.release()
            results = await asyncio.gather(first, *rest, return_exceptions=True)
            assert results[0] is FULL
            assert [event.ordinal for event in results[1:] if isinstance(event, Event)] == [1, 2]

    async def test_the_session_goes_on_without_a_gap(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            await say(hub, "a=1")
            gated.fail_next(FULL, FULL)
            for _ in range(2):
                with pytest.raises(StoreFullError):
                    await say(hub, "lost=1")
            assert (await say(hub, "b=2")).ordinal == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_nothing_of_it_is_fanned_out_or_told(
        self, hub: Hub, gated: GatedStore, fanout: RecordingFanout, observer: RecordingObserver
    ) -> None:
        async with hub:
            gated.fail_next(FULL)
            with pytest.raises(StoreFullError):
                await say(hub, "lost=1")
            await say(hub, "a=1")
        assert [text_of(payload) for payload in fanout.payloads("s")] == ["a=1 after 0:"]
        assert len(observer.pipeline) == len(observer.deliveries) == 1

    async def test_no_reader_sees_anything_of_it(self, hub: Hub, gated: GatedStore) -> None:
        async with hub:
            gated.fail_next(FULL)
            with pytest.raises(StoreFullError):
                await say(hub, "lost=1")
            assert (await hub.snapshot("s")).snapshot_ordinal == 0
            assert await hub.event_cursor("s") == 0

    async def test_an_ephemeral_event_in_it_fails_too(
        self, hub: Hub, gated: GatedStore, fanout: RecordingFanout
    ) -> None:
        """Its UI events belong after those of the event that was lost."""
        async with hub:
            gated.fail_next(FULL)
            work = [say(hub, "a=1"), hub.publish("s", "Blinked", text("!"))]
            results = await asyncio.gather(*work, return_exceptions=True)
            assert all(result is FULL for result in results)
        assert fanout.batches == []

    async def test_a_held_back_projection_catches_up_again_afterwards(
        self, hub: Hub, gated: GatedStore, timeline: Lines, ui: Shows, fanout: RecordingFanout
    ) -> None:
        ui.bad = {"a=1"}
        async with hub:
            with pytest.raises(Exception, match="ui projection"):
                await say(hub, "a=1")
            ui.bad = set()
            gated.fail_next(FULL)
            with pytest.raises(StoreFullError):
                await say(hub, "lost=1")
            await say(hub, "b=2")
        assert [text_of(payload) for payload in fanout.payloads("s")] == [
            "a=1 after 0:",
            "b=2 after 1:a=1",
        ]

    async def test_a_store_that_cannot_be_read_fails_the_publish_only(
        self, registry: SchemaRegistry
    ) -> None:
        class Unreadable(MemoryStore):
            readable = False

            async def cursors(self, session_id: str) -> Cursors:
                if not self.readable:
                    raise StoreError("memory", "unreadable")
                return await super().cursors(session_id)

        store = Unreadable()
        async with Hub(registry, store=store) as hub:
            with pytest.raises(StoreError, match="unreadable"):
                await say(hub, "x")
            with pytest.raises(StoreError, match="unreadable"):
                await hub.snapshot("s")
            store.readable = True
            assert (await say(hub, "x")).ordinal == 1

    async def test_a_commit_that_was_cancelled_inside_leaves_nobody_waiting(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            stopped = asyncio.ensure_future(say(hub, "x", "a"))
            await gated.wait_held()
            behind = asyncio.ensure_future(say(hub, "x", "b"))
            await settled()
            gated.fail_next(asyncio.CancelledError())
            gated.release()
            await asyncio.wait([stopped, behind])
            assert (await say(hub, "x", "a")).ordinal == 1
            assert (await say(hub, "x", "b")).ordinal == 1

    async def test_after_a_conflict_the_session_is_read_again(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            event = await say(hub, "a=1")
            foreign = Event(session_id="s", name="Said", ordinal=2, payload=event.payload)
            await gated.inner.commit(
                [SessionCommit(session_id="s", events=[foreign], ui_cursor=2, timeline_cursor=1)]
            )
            with pytest.raises(StoreConflictError):
                await say(hub, "b=2")
            assert (await say(hub, "b=2")).ordinal == 3

    async def test_a_failed_error_record_fails_nobody(self, hub: Hub, gated: GatedStore) -> None:
        async def fail() -> None:
            raise ValueError("broken")

        async with hub:
            gated.fail_next(FULL)
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", fail())
            await tasks.wait_idle()
            await settled()
            assert (await say(hub, "x")).ordinal == 1


class TestWhileACommitIsInFlight:
    async def test_readers_see_what_is_committed_and_do_not_wait(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            gated.hold()
            published = asyncio.ensure_future(say(hub, "b=2"))
            await gated.wait_held()
            assert lines(await hub.snapshot("s")) == ["a=1"]
            assert await hub.event_cursor("s") == await hub.cursor("s") == 1
            gated.release()
            await published
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_other_sessions_are_projected_and_wait_for_the_next_transaction(
        self, hub: Hub, gated: GatedStore, ui: Shows
    ) -> None:
        async with hub:
            gated.hold()
            first = asyncio.ensure_future(say(hub, "x", "a"))
            await gated.wait_held()
            ui.seen.clear()
            second = asyncio.ensure_future(say(hub, "x", "b"))
            await settled()
            assert ui.seen == [1]
            assert not second.done()
            gated.release()
            await asyncio.gather(first, second)


def test_a_store_that_was_not_opened_is_refused(registry: SchemaRegistry, tmp_path: Path) -> None:
    opening = SQLiteStore.open(tmp_path / "store.db", registry)
    with pytest.raises(StoreError, match="async with"):
        Hub(registry, store=cast(HydrationStore, opening))
