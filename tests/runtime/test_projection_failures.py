"""What happens to events on which a projection fails, under the policy `FAIL`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from google.protobuf.message import Message

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    HydrationStore,
    ProjectionError,
    Session,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say, texts


class TestATimelineProjectionUnderFail:
    async def test_the_error_names_the_event_and_has_the_cause(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            error = await refused(hub, "a=1")
        assert (error.projector, error.session_id, error.ordinal) == ("timeline", "s", 1)
        assert isinstance(error.__cause__, ValueError)
        assert "event 1 (Said): ValueError: no a=1" in str(error)

    async def test_the_event_is_stored_and_the_timeline_stands_below_it(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"b=2"}
        async with hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
            assert await hub.event_cursor("s") == 2
            assert await hub.projection_cursor("timeline", "s") == 1
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_the_ui_projection_goes_on_and_sees_the_older_timeline(
        self, hub: Hub, timeline: Lines, fanout: RecordingFanout
    ) -> None:
        timeline.bad = {"b=2"}
        async with hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
            await refused(hub, "c=3")
        assert texts(fanout) == ["a=1 after 0:", "b=2 after 1:a=1", "c=3 after 1:a=1"]

    async def test_a_later_publish_names_the_event_that_holds_it_back(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            error = await refused(hub, "b=2")
            assert error.ordinal == 1
            assert await hub.event_cursor("s") == 2

    async def test_the_next_publish_first_catches_up_in_order(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            timeline.bad.clear()
            timeline.seen.clear()
            await say(hub, "c=3")
            assert timeline.seen == [1, 2, 3]
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "c=3"]
            assert await hub.projection_cursor("timeline", "s") == 3

    async def test_it_stops_at_the_next_event_that_fails(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1", "c=3"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            timeline.bad = {"c=3"}
            error = await refused(hub, "c=3")
            assert error.ordinal == 3
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_every_attempt_is_counted_in_one_error_record(
        self, hub: Hub, timeline: Lines, store: HydrationStore
    ) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            for value in ("a=1", "b=2", "c=3"):
                await refused(hub, value)
            (record,) = await store.errors("s")
        assert (record.source, record.ordinal, record.attempts) == (
            ErrorSource.TIMELINE_PROJECTION,
            1,
            3,
        )
        assert (record.name, record.error_type, record.message) == ("Said", "ValueError", "no a=1")

    async def test_several_in_one_commit_each_raise_to_their_publisher(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad = {"b=2"}
        async with hub:
            results = await asyncio.gather(
                *(say(hub, value) for value in ("a=1", "b=2", "c=3")), return_exceptions=True
            )
            assert isinstance(results[0], Event)
            errors = [result for result in results if isinstance(result, ProjectionError)]
            assert [error.ordinal for error in errors] == [2, 2]
            assert await hub.event_cursor("s") == 3

    async def test_another_session_is_not_held_back(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"bad"}
        async with hub:
            await refused(hub, "bad")
            assert (await say(hub, "a=1", "other")).ordinal == 1


class TestAUIProjectionUnderFail:
    async def test_the_event_is_stored_and_the_timeline_goes_on(self, hub: Hub, ui: Shows) -> None:
        ui.bad = {"a=1"}
        async with hub:
            error = await refused(hub, "a=1")
            assert error.projector == "ui"
            assert await hub.projection_cursor("ui", "s") == 0
            assert await hub.projection_cursor("timeline", "s") == 1
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_the_events_behind_it_wait_and_are_shown_in_order(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        ui.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            assert fanout.batches == []
            ui.bad.clear()
            await say(hub, "c=3")
            await fanout.wait_for(3)
            assert fanout.ordinals("s") == [1, 2, 3]
            assert await hub.projection_cursor("ui", "s") == 3

    async def test_each_sees_the_timeline_as_it_stood_before_its_event(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        ui.bad = {"b=2"}
        async with hub:
            await say(hub, "a=1")
            await refused(hub, "b=2")
            await refused(hub, "-a")
            ui.bad.clear()
            await say(hub, "c=3")
        assert texts(fanout) == [
            "a=1 after 0:",
            "b=2 after 1:a=1",
            "-a after 2:a=1,b=2",
            "c=3 after 3:b=2",
        ]

    async def test_it_does_so_when_it_catches_up_within_one_commit(
        self, hub: Hub, fanout: RecordingFanout
    ) -> None:
        flaky = iter([True])

        def fail_once(
            event: Event[Message], session: Session, view: TimelineView
        ) -> Iterable[UIEvent[Message]]:
            if event.ordinal == 2 and next(flaky, False):
                raise ValueError("once")
            return ()

        hub.register_ui_projection(fail_once)
        async with hub:
            await asyncio.gather(
                *(say(hub, value) for value in ("a=1", "b=2", "c=3")), return_exceptions=True
            )
        assert texts(fanout) == ["a=1 after 0:", "b=2 after 1:a=1", "c=3 after 2:a=1,b=2"]

    async def test_its_attempts_are_counted(
        self, hub: Hub, ui: Shows, store: HydrationStore
    ) -> None:
        ui.bad = {"a=1"}
        async with hub:
            await refused(hub, "a=1")
            await refused(hub, "b=2")
            (record,) = await store.errors("s")
        assert (record.source, record.ordinal, record.attempts) == (ErrorSource.UI_PROJECTION, 1, 2)
