"""When error records of projections end by themselves, and which stay open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from google.protobuf.message import Message

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    HydrationStore,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
    StoreFullError,
    WriteBehind,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]
Running = Callable[..., AbstractAsyncContextManager[Hub]]

ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)
FAIL = ProjectionPolicies()


@pytest.fixture
def running(registry: SchemaRegistry, open_store: OpenStore, timeline: Lines, ui: Shows) -> Running:
    """Runs the application on one and the same store, with these policies."""

    @asynccontextmanager
    async def run(policies: ProjectionPolicies = FAIL) -> AsyncIterator[Hub]:
        async with open_store() as store, Hub(registry, store=store, policies=policies) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_ui_projection(ui)
            yield hub

    return run


async def found(hub: Hub, *, resolved: bool = False) -> list[tuple[ErrorSource, int]]:
    records = await hub.errors(resolved=resolved)
    return sorted((record.source, record.ordinal) for record in records)


TIMELINE, UI = ErrorSource.TIMELINE_PROJECTION, ErrorSource.UI_PROJECTION


class TestARecordOfAProjectionThatWasHeldBack:
    async def test_ends_with_the_next_publish_that_lets_it_catch_up(
        self, running: Running, timeline: Lines, ui: Shows
    ) -> None:
        timeline.bad = ui.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            assert await found(hub) == [(TIMELINE, 1), (UI, 1)]
            timeline.bad = ui.bad = set()
            await say(hub, "c=3")
            assert await found(hub) == []
            assert await found(hub, resolved=True) == [(TIMELINE, 1), (UI, 1)]

    async def test_says_when_it_ended_and_how_often_it_had_failed(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            timeline.bad = set()
            await say(hub, "c=3")
            [record] = await hub.errors(resolved=True)
            assert record.attempts == 2
            assert record.resolved_at is not None
            assert record.resolved_at >= record.occurred_at

    async def test_ends_after_a_restart_with_what_lets_it_catch_up(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
        timeline.bad = set()
        async with running() as hub:
            await say(hub, "b=2")
            assert await found(hub) == []

    async def test_ends_after_a_restart_when_what_a_read_caught_up_on_is_stored(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
        timeline.bad = set()
        async with running() as hub:
            assert lines(await hub.snapshot("s")) == ["a=1"]
        async with running() as hub:
            assert await found(hub) == []

    async def test_ends_with_a_retry_of_the_timeline(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
            timeline.bad = set()
            await hub.retry_timeline("s")
            assert await found(hub) == []

    async def test_stays_while_it_fails_on_a_later_event(
        self, running: Running, timeline: Lines
    ) -> None:
        """Each record stands for one event: the one that passed is over, the other is not."""
        timeline.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
            timeline.bad = {"b=2"}
            await refused(hub, "b=2")
            assert await found(hub) == [(TIMELINE, 2)]

    async def test_of_one_projection_stays_while_the_other_catches_up(
        self, running: Running, timeline: Lines, ui: Shows
    ) -> None:
        timeline.bad = ui.bad = {"a=1"}
        async with running() as hub:
            await refused(hub, "a=1")
            timeline.bad = set()
            await refused(hub, "b=2")
            assert await found(hub) == [(UI, 1)]
            timeline.bad, ui.bad = {"c=3"}, set()
            await refused(hub, "c=3")
            assert await found(hub) == [(TIMELINE, 3)]

    async def test_that_failed_and_passed_in_one_transaction_is_over(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        class FailsTwice(Lines):
            def check(self, event: Event[Message]) -> str:
                value = super().check(event)
                if self.seen.count(1) <= 2:
                    raise ValueError("not yet")
                return value

        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(FailsTwice())
            await refused(hub, "a=1")
            saying = (say(hub, "b=2"), say(hub, "c=3"))
            results = await asyncio.gather(*saying, return_exceptions=True)
            assert [type(result) for result in results] == [ProjectionError, Event]
            assert len(gated.batches) == 2
            assert await found(hub) == []

    async def test_is_not_over_before_the_catch_up_is_stored(
        self, registry: SchemaRegistry, gated: GatedStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(timeline)
            timeline.bad = {"a=1"}
            await refused(hub, "a=1")
            timeline.bad = set()
            gated.fail_next(StoreFullError("memory", "full"))
            with pytest.raises(StoreFullError):
                await say(hub, "b=2")
            assert await found(hub) == [(TIMELINE, 1)]
            await say(hub, "b=2")
            assert await found(hub) == []

    async def test_that_a_read_passed_while_nothing_could_be_stored_ends_later(
        self, registry: SchemaRegistry, gated: GatedStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(timeline)
            timeline.bad = {"b=2"}
            await say(hub, "a=1")
            await refused(hub, "b=2")
        timeline.bad = set()
        later = WriteBehind(pause=60.0)
        async with Hub(registry, store=gated, write_behind=later) as hub:
            hub.register_timeline_projection(timeline)
            gated.fail_next(StoreFullError("memory", "full"))
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
            with pytest.raises(StoreFullError):
                await say(hub, "c=3")
            assert await found(hub) == [(TIMELINE, 2)]
            await say(hub, "c=3")
            assert await found(hub) == []


class TestARecordOfAProjectionThatWentOn:
    async def test_stays_when_later_events_pass(
        self, running: Running, timeline: Lines, ui: Shows
    ) -> None:
        """The event is missing from the timeline, and nothing but a rebuild brings it back."""
        timeline.bad = ui.bad = {"a=1"}
        async with running(ADVANCE) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
            assert await found(hub) == [(TIMELINE, 1), (UI, 1)]

    async def test_stays_when_a_restart_holds_it_back_and_it_catches_up_later(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1", "b=2"}
        async with running(ADVANCE) as hub:
            await say(hub, "a=1")
        async with running() as hub:
            await refused(hub, "b=2")
            timeline.bad = set()
            await say(hub, "c=3")
            assert await found(hub) == [(TIMELINE, 1)]
            assert await found(hub, resolved=True) == [(TIMELINE, 2)]

    async def test_that_was_held_back_stays_when_it_goes_on_without_the_event(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"b=2"}
        async with running() as hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
            await refused(hub, "c=3")
        async with running(ADVANCE) as hub:
            await say(hub, "d=4")
            assert lines(await hub.snapshot("s")) == ["a=1", "c=3", "d=4"]
            assert await found(hub) == [(TIMELINE, 2)]

    async def test_ends_with_a_rebuild_that_passes_it(
        self, running: Running, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1", "b=2"}
        async with running(ADVANCE) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
            timeline.bad = {"b=2"}
            await hub.rebuild_timeline("s")
            assert await found(hub) == [(TIMELINE, 2)]
            assert await found(hub, resolved=True) == [(TIMELINE, 1)]

    async def test_ends_with_a_rebuild_of_a_long_log(
        self, running: Running, timeline: Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Most of which is folded beside the live traffic."""
        monkeypatch.setattr("sessionstream.rebuilding.STRIDE", 2)
        timeline.bad = {"a=1", "f=6"}
        async with running(ADVANCE) as hub:
            for value in ("a=1", "b=2", "c=3", "d=4", "e=5", "f=6"):
                await say(hub, value)
            timeline.bad = set()
            await hub.rebuild_timeline("s")
            assert await found(hub) == []

    async def test_of_the_ui_stays_after_a_rebuild_of_the_timeline(
        self, running: Running, ui: Shows
    ) -> None:
        ui.bad = {"a=1"}
        async with running(ADVANCE) as hub:
            await say(hub, "a=1")
            await hub.rebuild_timeline("s")
            assert await found(hub) == [(UI, 1)]

    async def test_stays_after_a_rebuild_that_fails_on_a_later_event(
        self, running: Running, timeline: Lines
    ) -> None:
        """The timeline without the event is still the one in use."""
        timeline.bad = {"a=1"}
        async with running(ADVANCE) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
        timeline.bad = {"b=2"}
        async with running() as hub:
            with pytest.raises(ProjectionError):
                await hub.rebuild_timeline("s")
            assert await found(hub) == [(TIMELINE, 1), (TIMELINE, 2)]
            timeline.bad = set()
            await hub.rebuild_timeline("s")
            assert await found(hub) == []


async def test_what_a_held_back_ui_projection_showed_is_not_shown_again_after_a_restart(
    registry: SchemaRegistry, store: HydrationStore, ui: Shows, fanout: RecordingFanout
) -> None:
    ui.bad = {"a=1"}
    async with Hub(registry, store=store, fanout=fanout) as hub:
        hub.register_ui_projection(ui)
        await refused(hub, "a=1")
        ui.bad = set()
        [record] = await hub.errors()
        assert await hub.retry(record)
    async with Hub(registry, store=store, fanout=fanout) as hub:
        hub.register_ui_projection(ui)
        await say(hub, "b=2")
    assert fanout.ordinals("s") == [1, 2]
