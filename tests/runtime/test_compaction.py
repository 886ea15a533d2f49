"""Compacting a log while its session goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

import pytest

from sessionstream import (
    Hub,
    HydrationStore,
    OrdinalError,
    ProjectionError,
    SchemaRegistry,
    SessionStreamError,
    StoreFullError,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Growing, Lines, Shows, lines, say, text_of

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]


def growing(registry: SchemaRegistry, store: HydrationStore) -> Hub:
    hub = Hub(registry, store=store)
    hub.register_timeline_projection(Growing())
    return hub


class TestACompactedLog:
    async def test_answers_snapshots_from_its_start_on(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with growing(registry, store) as hub:
            for value in "abcdef":
                await say(hub, value)
            before = [await hub.snapshot("s", as_of=ordinal) for ordinal in range(7)]
            assert await hub.compact("s", keep=2) == 4
            for ordinal in (4, 5, 6):
                assert await hub.snapshot("s", as_of=ordinal) == before[ordinal]
            for ordinal in (0, 3, 7):
                with pytest.raises(OrdinalError, match=r"ordinals 4 to 6; .* begins after 4"):
                    await hub.snapshot("s", as_of=ordinal)
            assert await hub.snapshot("s") == before[6]

    async def test_is_rebuilt_and_goes_on(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        async with open_store() as store, growing(registry, store) as hub:
            for value in "abcd":
                await say(hub, value)
            await hub.compact("s", keep=1)
            await say(hub, "e")
            assert await hub.rebuild_timeline("s") == 5
            assert lines(await hub.snapshot("s")) == ["all=abcde"]
        async with open_store() as store, growing(registry, store) as hub:
            await store.clear_timeline("s")
            assert lines(await hub.snapshot("s")) == ["all=abcde"]
            assert (await say(hub, "f")).ordinal == 6
            assert lines(await hub.snapshot("s")) == ["all=abcdef"]

    async def test_keeps_entities_that_no_later_event_touches_through_a_rebuild(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            for value in ("a=1", "b=2", "c=3", "-c", "d=5"):
                await say(hub, value)
            await hub.compact("s", keep=2)
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "d=5"]
            assert len(await store.timeline("s")) == 3

    async def test_is_compacted_again_from_its_start(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with growing(registry, store) as hub:
            for value in "abcdef":
                await say(hub, value)
            assert await hub.compact("s", keep=4) == 2
            assert await hub.compact("s", keep=5) == 2
            assert await hub.compact("s", keep=1) == 5
            assert await hub.compact("s", keep=0) == 6
            assert lines(await hub.snapshot("s", as_of=6)) == ["all=abcdef"]
            assert (await store.base_timeline("s")).ordinal == 6

    async def test_keeps_what_a_projection_has_not_passed(
        self,
        registry: SchemaRegistry,
        store: HydrationStore,
        timeline: Lines,
        ui: Shows,
        fanout: RecordingFanout,
    ) -> None:
        ui.bad = {"b=2"}
        async with Hub(registry, store=store, fanout=fanout) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_ui_projection(ui)
            for value in ("a=1", "b=2", "c=3"):
                with suppress(ProjectionError):
                    await say(hub, value)
            assert await hub.compact("s", keep=0) == 1
            ui.bad = set()
            await say(hub, "d=4")
        texts = [text_of(payload) for payload in fanout.payloads("s")]
        assert texts[1:] == ["b=2 after 1:a=1", "c=3 after 2:a=1,b=2", "d=4 after 3:a=1,b=2,c=3"]

    async def test_shows_a_ui_projection_after_a_restart_what_stood_before(
        self, registry: SchemaRegistry, open_store: OpenStore, timeline: Lines, ui: Shows
    ) -> None:
        ui.bad = {"c=3"}
        fanout = RecordingFanout()
        for bad, said in (({"c=3"}, ["a=1", "b=2", "c=3"]), (set[str](), ["d=4"])):
            ui.bad = bad
            async with open_store() as store, Hub(registry, store=store, fanout=fanout) as hub:
                hub.register_timeline_projection(timeline)
                hub.register_ui_projection(ui)
                for value in said:
                    with suppress(ProjectionError):
                        await say(hub, value)
                await hub.compact("s", keep=2)
        texts = [text_of(payload) for payload in fanout.payloads("s")]
        assert texts[2:] == ["c=3 after 2:a=1,b=2", "d=4 after 3:a=1,b=2,c=3"]

    async def test_may_be_shorter_than_what_is_kept_or_unknown(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with growing(registry, store) as hub:
            await say(hub, "a")
            assert await hub.compact("s", keep=5) == 0
            assert await hub.compact("unknown", keep=0) == 0
            with pytest.raises(SessionStreamError, match="got -1"):
                await hub.compact("s", keep=-1)
            assert await store.sessions() == ["s"]


class TestCompaction:
    async def test_ends_while_somebody_publishes_without_a_pause(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with growing(registry, store) as hub:
            ended = False

            async def publish() -> None:
                while not ended:
                    await say(hub, "x")

            publisher = asyncio.ensure_future(publish())
            await say(hub, "x")
            assert await hub.compact("s", keep=0) > 0
            ended = True
            await publisher

    async def test_tells_of_a_store_that_takes_no_entities(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        full = StoreFullError("memory", "no space")
        async with growing(registry, gated) as hub:
            await say(hub, "a")
            gated.fail_next(full)
            with pytest.raises(StoreFullError):
                await hub.compact("s", keep=0)
            assert await hub.compact("s", keep=0) == 1

    async def test_removes_nothing_where_the_timeline_can_t_be_folded(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            for value in ("a=1", "b=2"):
                await say(hub, value)
            timeline.bad = {"a=1"}
            with pytest.raises(ProjectionError):
                await hub.compact("s", keep=0)
            assert (await store.cursors("s")).log_start == 0
            assert len(await store.events("s")) == 2

    async def test_goes_on_beside_publishes_rebuilds_and_snapshots(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with growing(registry, store) as hub:

            async def publish() -> None:
                for _ in range(60):
                    await say(hub, "x")

            async def compact() -> None:
                for _ in range(15):
                    await hub.compact("s", keep=3)

            async def rebuild() -> None:
                for _ in range(15):
                    await hub.rebuild_timeline("s")

            await asyncio.gather(publish(), compact(), rebuild())
            assert lines(await hub.snapshot("s")) == ["all=" + 60 * "x"]
            assert await hub.compact("s", keep=3) == 57
            assert lines(await hub.snapshot("s", as_of=58)) == ["all=" + 58 * "x"]
