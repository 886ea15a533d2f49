"""Timelines as they stood after an earlier event."""

from __future__ import annotations

import pytest

from sessionstream import (
    Hub,
    HydrationStore,
    OrdinalError,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    SchemaRegistry,
)
from tests.runtime.app import Lines, lines, say, say_all


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, timeline: Lines) -> Hub:
    hub = Hub(registry, store=store)
    hub.register_timeline_projection(timeline)
    return hub


class TestSnapshotAsOf:
    async def test_it_is_the_timeline_as_it_stood_after_that_event(self, hub: Hub) -> None:
        async with hub:
            await say_all(hub, "a=1", "b=2", "-a")
            past = [await hub.snapshot("s", as_of=ordinal) for ordinal in range(4)]
        assert [lines(snapshot) for snapshot in past] == [[], ["a=1"], ["a=1", "b=2"], ["b=2"]]
        assert [snapshot.snapshot_ordinal for snapshot in past] == [0, 1, 2, 3]

    @pytest.mark.parametrize("as_of", [-1, 2])
    async def test_an_ordinal_that_the_log_does_not_hold_is_refused(
        self, hub: Hub, as_of: int
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            with pytest.raises(OrdinalError, match="ordinals 0 to 1"):
                await hub.snapshot("s", as_of=as_of)

    async def test_it_changes_nothing(self, hub: Hub) -> None:
        async with hub:
            await say_all(hub, "a=1", "a=2")
            await hub.snapshot("s", as_of=1)
            assert lines(await hub.snapshot("s")) == ["a=2"]

    async def test_a_replay_that_fails_raises_under_fail(self, hub: Hub, timeline: Lines) -> None:
        async with hub:
            await say_all(hub, "a=1", "b=2")
            timeline.bad = {"b=2"}
            with pytest.raises(ProjectionError):
                await hub.snapshot("s", as_of=2)
            assert lines(await hub.snapshot("s", as_of=1)) == ["a=1"]

    async def test_a_replay_under_advance_leaves_out_what_fails(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        policies = ProjectionPolicies(timeline=ProjectionPolicy.ADVANCE)
        async with Hub(registry, policies=policies) as hub:
            hub.register_timeline_projection(timeline)
            timeline.bad = {"a=1"}
            await say_all(hub, "a=1", "b=2")
            assert lines(await hub.snapshot("s", as_of=2)) == ["b=2"]
