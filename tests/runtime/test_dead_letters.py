"""Error records through the Hub: listed, retried, resolved."""

from __future__ import annotations

import pytest

from sessionstream import (
    ErrorRecord,
    ErrorSource,
    Hub,
    HydrationStore,
    OrdinalError,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
    SessionStreamError,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say, text_of

ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    store: HydrationStore,
    timeline: Lines,
    ui: Shows,
    fanout: RecordingFanout,
) -> Hub:
    return with_projections(Hub(registry, store=store, fanout=fanout), timeline, ui)


def with_projections(hub: Hub, timeline: Lines, ui: Shows) -> Hub:
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


async def the_error(hub: Hub) -> ErrorRecord:
    [record] = await hub.errors()
    return record


class TestListing:
    async def test_records_of_all_sessions_are_found_by_what_they_have(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            for session_id in ("s", "t"):
                with pytest.raises(ProjectionError):
                    await say(hub, "a=1", session_id)
            assert {record.session_id for record in await hub.errors()} == {"s", "t"}
            assert len(await hub.errors("s", 5, source=ErrorSource.TIMELINE_PROJECTION)) == 1
            assert await hub.errors(source=ErrorSource.UI_PROJECTION) == []

    async def test_a_record_is_resolved_by_hand(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            record = await the_error(hub)
            assert await hub.resolve(record)
            assert not await hub.resolve(record)
            assert await hub.errors() == []
            assert (await hub.errors(resolved=True))[0].resolved_at is not None


class TestRetryOfATimeline:
    async def test_resolves_what_passes_now(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            record = await the_error(hub)
            timeline.bad = set()
            assert await hub.retry(record)
            assert lines(await hub.snapshot("s")) == ["a=1"]
            assert await hub.errors() == []

    async def test_leaves_open_what_fails_again(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            with pytest.raises(ProjectionError):
                await hub.retry(await the_error(hub))
            assert (await the_error(hub)).attempts == 2

    async def test_resolves_one_that_was_read_before_it_failed_again(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            record = await the_error(hub)
            await refused(hub, "b=2")
            timeline.bad = set()
            assert await hub.retry(record)

    async def test_resolves_what_passes_although_a_later_event_fails(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            record = await the_error(hub)
            timeline.bad = {"b=2"}
            with pytest.raises(ProjectionError, match="event 2"):
                await hub.retry(record)
            assert (await the_error(hub)).ordinal == 2

    async def test_rebuilds_one_that_went_on_without_the_event(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines, ui: Shows
    ) -> None:
        timeline.bad = {"a=1"}
        async with with_projections(
            Hub(registry, store=store, policies=ADVANCE), timeline, ui
        ) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
            assert not await hub.retry(await the_error(hub))
            assert (await the_error(hub)).attempts == 2
            timeline.bad = set()
            assert await hub.retry(await the_error(hub))
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
            assert await hub.errors() == []

    async def test_of_an_event_that_was_compacted_away_says_so(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines, ui: Shows
    ) -> None:
        timeline.bad = {"a=1"}
        async with with_projections(
            Hub(registry, store=store, policies=ADVANCE), timeline, ui
        ) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
            await hub.compact("s", keep=1)
            timeline.bad = set()
            with pytest.raises(OrdinalError, match="begins after 1"):
                await hub.retry(await the_error(hub))


class TestRetryOfAUIProjection:
    async def test_sends_what_was_held_back(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        ui.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            assert fanout.batches == []
            ui.bad = set()
            assert await hub.retry(await the_error(hub))
            assert await hub.errors() == []
        texts = [text_of(payload) for payload in fanout.payloads("s")]
        assert texts == ["a=1 after 0:", "b=2 after 1:a=1"]

    async def test_resolves_what_passes_although_the_timeline_fails(
        self, hub: Hub, ui: Shows, timeline: Lines
    ) -> None:
        ui.bad = timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            [record] = await hub.errors(source=ErrorSource.UI_PROJECTION)
            ui.bad = set()
            with pytest.raises(ProjectionError):
                await hub.retry(record)
            assert (await the_error(hub)).source is ErrorSource.TIMELINE_PROJECTION

    async def test_that_went_on_without_the_event_is_refused(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines, ui: Shows
    ) -> None:
        """Clients have later UI events already; an earlier one would break their order."""
        ui.bad = {"a=1"}
        async with with_projections(
            Hub(registry, store=store, policies=ADVANCE), timeline, ui
        ) as hub:
            await say(hub, "a=1")
            with pytest.raises(SessionStreamError, match="resolve it"):
                await hub.retry(await the_error(hub))


async def test_a_task_can_t_be_retried(hub: Hub) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async with hub:
        await say(hub, "x")
        tasks = (await hub.session("s")).tasks
        tasks.start("answer", fail())
        await tasks.wait_idle()
        await say(hub, "y")
        with pytest.raises(SessionStreamError, match=r"task error .*; resolve it"):
            await hub.retry(await the_error(hub))
