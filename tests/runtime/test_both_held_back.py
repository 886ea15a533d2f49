"""What happens while the UI and the timeline projection are both held back, or have been."""

from __future__ import annotations

import asyncio

from sessionstream import ErrorSource, Hub, HydrationStore, SchemaRegistry
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say, texts


class TestBothHeldBack:
    async def test_each_catches_up_for_itself(
        self, hub: Hub, ui: Shows, timeline: Lines, fanout: RecordingFanout
    ) -> None:
        ui.bad, timeline.bad = {"b=2"}, {"c=3"}
        async with hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
            error = await refused(hub, "c=3")
            assert (error.projector, error.ordinal) == ("timeline", 3)
            ui.bad, timeline.bad = set(), set()
            await say(hub, "d=4")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "c=3", "d=4"]
        assert fanout.ordinals("s") == [1, 2, 3, 4]
        assert texts(fanout)[:3] == ["a=1 after 0:", "b=2 after 1:a=1", "c=3 after 2:a=1,b=2"]

    async def test_both_errors_are_recorded(
        self, hub: Hub, ui: Shows, timeline: Lines, store: HydrationStore
    ) -> None:
        ui.bad = timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            assert {record.source for record in await store.errors("s")} == {
                ErrorSource.UI_PROJECTION,
                ErrorSource.TIMELINE_PROJECTION,
            }

    async def test_after_the_timeline_was_retried_the_ui_sees_it_as_it_stood(
        self, hub: Hub, ui: Shows, timeline: Lines, fanout: RecordingFanout
    ) -> None:
        """The view that the UI projection failed with was older: it must not be kept for later."""
        timeline.bad, ui.bad = {"a=1"}, {"c=3"}
        async with hub:
            for value in ("a=1", "b=2", "c=3"):
                await refused(hub, value)
            timeline.bad = set()
            assert await hub.retry_timeline("s") == 3
            ui.bad = set()
            await say(hub, "d=4")
        assert texts(fanout)[2:] == ["c=3 after 2:a=1,b=2", "d=4 after 3:a=1,b=2,c=3"]

    async def test_a_timeline_that_can_no_longer_be_replayed_holds_up_no_event(
        self, hub: Hub, ui: Shows, timeline: Lines, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        """A replay for the UI may meet an old event that the timeline projection refuses now."""
        ui.bad = {"b=2"}
        async with hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
        changed = Hub(registry, store=store)
        changed.register_timeline_projection(Lines("a=1"))
        changed.register_ui_projection(Shows())
        async with changed:
            assert (await say(changed, "c=3")).ordinal == 3
            assert await changed.projection_cursor("ui", "s") == 3

    async def test_a_view_that_cannot_be_replayed_is_older_and_never_wrong(
        self,
        registry: SchemaRegistry,
        hub: Hub,
        ui: Shows,
        store: HydrationStore,
        fanout: RecordingFanout,
    ) -> None:
        ui.bad = {"b=2"}
        async with hub:
            await say(hub, "a=1")
            for value in ("b=2", "c=3"):
                await refused(hub, value)
        changed = Hub(registry, store=store, fanout=fanout)
        changed.register_timeline_projection(Lines("b=2"))
        changed.register_ui_projection(again := Shows("c=3"))
        async with changed:
            for values in ("de", "fghijk"):
                await asyncio.gather(*(say(changed, v) for v in values), return_exceptions=True)
            again.bad = set()
            await say(changed, "l")
        assert texts(fanout)[1:4] == ["b=2 after 1:a=1", "c=3 after 1:a=1", "d after 1:a=1"]
