from __future__ import annotations

from contextlib import suppress

import pytest

from sessionstream import Hub, ProjectionError, Projector, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from tests.runtime.app import Lines, Shows, say


@pytest.fixture
def hub(registry: SchemaRegistry) -> Hub:
    return Hub(registry)


class TestCursors:
    async def test_they_are_0_before_the_first_event(self, hub: Hub) -> None:
        async with hub:
            assert await hub.cursor("s") == await hub.event_cursor("s") == 0
            assert await hub.projection_cursor(Projector.UI, "s") == 0

    async def test_each_tells_its_own(self, registry: SchemaRegistry) -> None:
        async with Hub(registry) as hub:
            hub.register_ui_projection(Shows("b=2"))
            hub.register_timeline_projection(Lines("c=3"))
            for value in ("a=1", "b=2", "c=3"):
                with suppress(ProjectionError):
                    await say(hub, value)
            assert await hub.event_cursor("s") == 3
            assert await hub.projection_cursor(Projector.UI, "s") == 1
            assert await hub.projection_cursor("timeline", "s") == 2
            assert await hub.cursor("s") == 2

    async def test_an_unknown_projector_is_refused(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(ValueError, match="nonsense"):
                await hub.projection_cursor("nonsense", "s")

    async def test_that_of_a_timeline_whose_entities_a_crash_left_behind_is_at_the_head(
        self, registry: SchemaRegistry
    ) -> None:
        store = MemoryStore()
        async with Hub(registry, store=store) as crashed, Hub(registry, store=store) as hub:
            for each in (crashed, hub):
                each.register_timeline_projection(Lines())
            await say(crashed, "a=1")
            await say(crashed, "b=2")
            assert (await store.cursors("s")).timeline < 2
            assert await hub.projection_cursor("timeline", "s") == 2
