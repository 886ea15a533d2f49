"""What another Hub finds in the store that a former one has left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from sessionstream import Hub, HydrationStore, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Lines, Shows, lines, say, say_all, text_of

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]


class TestRestart:
    async def test_a_session_goes_on_where_it_was(
        self, registry: SchemaRegistry, open_store: OpenStore, timeline: Lines
    ) -> None:
        for value in ("a=1", "b=2"):
            async with open_store() as store, Hub(registry, store=store) as hub:
                hub.register_timeline_projection(timeline)
                await say(hub, value)
        async with open_store() as store, Hub(registry, store=store) as hub:
            assert await hub.event_cursor("s") == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_a_timeline_that_was_held_back_catches_up_before_it_is_read(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        async with open_store() as store, Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines("a=1"))
            await say_all(hub, "a=1", "b=2")
        async with open_store() as store, Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines())
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
            await hub.aclose()
            assert (await store.cursors("s")).timeline == 2

    async def test_every_reader_waits_for_it_to_catch_up(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines("a=1"))
            await say_all(hub, "a=1")
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines())
            first, second = await asyncio.gather(hub.snapshot("s"), hub.cursor("s"))
            assert lines(first) == ["a=1"]
            assert second == 1

    async def test_a_reader_that_gave_up_leaves_it_to_the_next(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines("a=1"))
            await say_all(hub, "a=1")
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines())
            first = asyncio.ensure_future(hub.snapshot("s"))
            await asyncio.sleep(0)
            first.cancel()
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_one_that_still_fails_is_read_as_far_as_it_is(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        async with open_store() as store, Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines("b=2"))
            await say_all(hub, "a=1", "b=2")
        async with open_store() as store, Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines("b=2"))
            for _ in range(3):
                assert lines(await hub.snapshot("s")) == ["a=1"]
            (record,) = await store.errors("s")
            assert record.attempts == 2

    async def test_a_ui_projection_that_was_held_back_sees_the_timeline_as_it_stood(
        self, registry: SchemaRegistry, open_store: OpenStore, fanout: RecordingFanout
    ) -> None:
        async with open_store() as store, Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines())
            hub.register_ui_projection(Shows("b=2"))
            await say_all(hub, "a=1", "b=2", "-a")
        async with open_store() as store, Hub(registry, store=store, fanout=fanout) as hub:
            hub.register_timeline_projection(Lines())
            hub.register_ui_projection(Shows())
            await say(hub, "c=3")
        assert [text_of(payload) for payload in fanout.payloads("s")] == [
            "b=2 after 1:a=1",
            "-a after 2:a=1,b=2",
            "c=3 after 3:b=2",
        ]

    async def test_a_cleared_timeline_is_built_anew_by_its_first_reader(
        self, registry: SchemaRegistry
    ) -> None:
        store = MemoryStore()
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines())
            await say_all(hub, "a=1", "b=2")
        await store.clear_timeline("s")
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines())
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]
