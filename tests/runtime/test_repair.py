"""Retrying and rebuilding timelines."""

from __future__ import annotations

import asyncio

import pytest

from sessionstream import (
    Hub,
    HydrationStore,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
    StoreFullError,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Growing, Lines, Shows, lines, say, say_all


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, timeline: Lines) -> Hub:
    hub = Hub(registry, store=store)
    hub.register_timeline_projection(timeline)
    return hub


class TestRetryTimeline:
    async def test_it_runs_a_held_back_projection_on(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await say_all(hub, "a=1", "b=2")
            timeline.bad = set()
            assert await hub.retry_timeline("s") == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_it_raises_while_the_projection_still_fails(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await say_all(hub, "a=1")
            with pytest.raises(ProjectionError):
                await hub.retry_timeline("s")

    async def test_what_came_before_the_failing_event_is_stored(
        self, hub: Hub, timeline: Lines, store: HydrationStore
    ) -> None:
        timeline.bad = {"a=1", "c=3"}
        async with hub:
            await say_all(hub, "a=1", "b=2", "c=3")
            timeline.bad = {"c=3"}
            with pytest.raises(ProjectionError):
                await hub.retry_timeline("s")
        assert (await store.cursors("s")).timeline == 2
        assert len(await store.timeline("s")) == 2

    async def test_a_timeline_that_is_up_to_date_stays_as_it_is(
        self, hub: Hub, timeline: Lines
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            timeline.seen.clear()
            assert await hub.retry_timeline("s") == 1
            assert timeline.seen == []

    async def test_a_session_without_events_answers_0(self, hub: Hub) -> None:
        async with hub:
            assert await hub.retry_timeline("s") == 0


class TestRebuildTimeline:
    async def test_it_folds_the_whole_log_anew(
        self, registry: SchemaRegistry, store: HydrationStore, hub: Hub
    ) -> None:
        async with hub:
            await say_all(hub, "a=1", "b=2")
        changed = Hub(registry, store=store)
        changed.register_timeline_projection(Growing())
        async with changed:
            assert await changed.rebuild_timeline("s") == 2
            assert lines(await changed.snapshot("s")) == ["all=a=1b=2"]
            assert [row.id for row in await store.timeline("s")] == ["all"]

    async def test_it_gives_the_same_timeline_and_ordinals(self, hub: Hub) -> None:
        async with hub:
            await say_all(hub, "a=1", "b=2", "a=3", "-b", "b=4")
            before = await hub.snapshot("s")
            await hub.rebuild_timeline("s")
            assert await hub.snapshot("s") == before

    async def test_one_that_fails_keeps_the_old_timeline(
        self, hub: Hub, timeline: Lines, store: HydrationStore
    ) -> None:
        async with hub:
            await say_all(hub, "a=1", "b=2")
            timeline.bad = {"b=2"}
            with pytest.raises(ProjectionError):
                await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
            timeline.bad = set()
            assert (await say(hub, "c=3")).ordinal == 3
        assert len(await store.timeline("s")) == 3
        assert (await store.cursors("s")).timeline == 3

    async def test_under_advance_what_fails_is_left_out(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        policies = ProjectionPolicies(timeline=ProjectionPolicy.ADVANCE)
        async with Hub(registry, store=store, policies=policies) as hub:
            hub.register_timeline_projection(timeline)
            await say_all(hub, "a=1", "b=2")
            timeline.bad = {"a=1"}
            assert await hub.rebuild_timeline("s") == 2
            assert lines(await hub.snapshot("s")) == ["b=2"]

    async def test_nobody_sees_half_of_it(
        self, registry: SchemaRegistry, gated: GatedStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(timeline)
            await say_all(hub, "a=1", "b=2")
            gated.hold()
            rebuilt = asyncio.ensure_future(hub.rebuild_timeline("s"))
            await gated.wait_held()
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
            gated.release()
            assert await rebuilt == 2
            assert len(gated.batches[-1]) == 1

    async def test_a_commit_that_fails_keeps_the_old_timeline(
        self, registry: SchemaRegistry, gated: GatedStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(timeline)
            await say_all(hub, "a=1")
            gated.fail_next(StoreFullError("memory", "full"))
            with pytest.raises(StoreFullError):
                await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_the_session_goes_on_meanwhile(
        self, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.rebuilding.STRIDE", 4)
        async with hub:
            await say_all(hub, *(f"n={number}" for number in range(30)))
            before = await hub.snapshot("s")
            told: list[tuple[int, int]] = []
            published: list[asyncio.Future[object]] = []

            def progress(folded: int, head: int) -> None:
                told.append((folded, head))
                if len(published) < 3:
                    published.append(asyncio.ensure_future(say(hub, f"m{len(published)}=x")))

            assert await hub.rebuild_timeline("s", progress=progress) == 33
            assert [folded for folded, _ in told][:3] == [4, 8, 12]
            assert told[-1] == (33, 33)
            after = await hub.snapshot("s")
            assert lines(after) == [*lines(before), "m0=x", "m1=x", "m2=x"]
            assert await hub.snapshot("s", as_of=33) == after

    async def test_a_progress_that_raises_ends_it_and_the_old_timeline_stays(
        self, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.rebuilding.STRIDE", 1)

        def progress(folded: int, head: int) -> None:
            raise RuntimeError("enough")

        async with hub:
            await say_all(hub, "a=1", "b=2", "c=3")
            with pytest.raises(RuntimeError, match="enough"):
                await hub.rebuild_timeline("s", progress=progress)
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "c=3"]

    async def test_it_publishes_no_ui_events_again(
        self, registry: SchemaRegistry, store: HydrationStore, ui: Shows, fanout: RecordingFanout
    ) -> None:
        async with Hub(registry, store=store, fanout=fanout) as hub:
            hub.register_ui_projection(ui)
            await say(hub, "a=1")
            await hub.rebuild_timeline("s")
        assert fanout.ordinals("s") == [1]

    async def test_a_session_without_events_stays_unknown(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            assert await hub.rebuild_timeline("s") == 0
        assert await store.sessions() == []

    async def test_it_reads_a_log_of_many_pages(
        self, registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.eventlog.FIRST_PAGE", 2)
        monkeypatch.setattr("sessionstream.eventlog.LARGEST_PAGE", 3)
        async with Hub(registry) as hub:
            hub.register_timeline_projection(Growing())
            await asyncio.gather(*(say(hub, digit) for digit in "0123456789"))
            assert await hub.rebuild_timeline("s") == 10
            assert lines(await hub.snapshot("s")) == ["all=0123456789"]
