"""What happens to events on which a projection fails, under both policies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

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
    Session,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say, text, text_of

ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)


def texts(fanout: RecordingFanout) -> list[str]:
    return [text_of(payload) for payload in fanout.payloads("s")]


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    store: HydrationStore,
    fanout: RecordingFanout,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    hub = Hub(registry, store=store, fanout=fanout)
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


@pytest.fixture
def advancing(
    registry: SchemaRegistry,
    store: HydrationStore,
    fanout: RecordingFanout,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    hub = Hub(registry, store=store, fanout=fanout, policies=ADVANCE)
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


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


class TestAdvance:
    async def test_the_publisher_gets_its_event(self, advancing: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with advancing:
            assert (await say(advancing, "a=1")).ordinal == 1

    async def test_the_projections_move_on(
        self, advancing: Hub, timeline: Lines, ui: Shows, fanout: RecordingFanout
    ) -> None:
        timeline.bad = ui.bad = {"a=1"}
        async with advancing:
            await say(advancing, "a=1")
            await say(advancing, "b=2")
            assert lines(await advancing.snapshot("s")) == ["b=2"]
            assert await advancing.projection_cursor("ui", "s") == 2
            assert timeline.seen == ui.seen == [1, 2]
        assert texts(fanout) == ["b=2 after 1:"]

    async def test_the_errors_are_recorded(
        self, advancing: Hub, timeline: Lines, ui: Shows, store: HydrationStore
    ) -> None:
        timeline.bad, ui.bad = {"a=1", "b=2"}, {"b=2"}
        async with advancing:
            await say(advancing, "a=1")
            await say(advancing, "b=2")
            records = await store.errors("s")
        assert {(record.source, record.ordinal, record.attempts) for record in records} == {
            (ErrorSource.TIMELINE_PROJECTION, 1, 1),
            (ErrorSource.TIMELINE_PROJECTION, 2, 1),
            (ErrorSource.UI_PROJECTION, 2, 1),
        }

    async def test_each_kind_has_a_policy_of_its_own(
        self, registry: SchemaRegistry, timeline: Lines, ui: Shows
    ) -> None:
        policies = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE)
        timeline.bad = ui.bad = {"a=1"}
        async with Hub(registry, policies=policies) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_ui_projection(ui)
            assert (await refused(hub, "a=1")).projector == "timeline"
            assert await hub.projection_cursor("ui", "s") == 1
            assert await hub.projection_cursor("timeline", "s") == 0


class TestAnEphemeralEventThatFails:
    async def test_under_fail_the_error_reaches_the_publisher(self, hub: Hub, ui: Shows) -> None:
        ui.bad = {"!"}
        async with hub:
            with pytest.raises(ProjectionError) as caught:
                await hub.publish("s", "Blinked", text("!"))
            assert caught.value.ordinal == 0

    async def test_it_holds_nothing_back(
        self, hub: Hub, ui: Shows, fanout: RecordingFanout
    ) -> None:
        ui.bad = {"!"}
        async with hub:
            with pytest.raises(ProjectionError):
                await hub.publish("s", "Blinked", text("!"))
            await say(hub, "a=1")
        assert fanout.ordinals("s") == [1]

    async def test_it_is_recorded_under_advance_too(
        self, advancing: Hub, ui: Shows, store: HydrationStore
    ) -> None:
        ui.bad = {"!"}
        async with advancing:
            assert (await advancing.publish("s", "Blinked", text("!"))).ordinal == 0
            (record,) = await store.errors("s")
        assert (record.name, record.ordinal) == ("Blinked", 0)
