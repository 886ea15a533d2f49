"""Events on which a projection fails under the policy `ADVANCE`, and ephemeral ones."""

from __future__ import annotations

import pytest

from sessionstream import (
    ErrorSource,
    Hub,
    HydrationStore,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Lines, Shows, lines, refused, say, text, texts

ADVANCE = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)


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
