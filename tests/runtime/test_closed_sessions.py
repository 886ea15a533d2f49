"""Closing and purging sessions while they are in use."""

from __future__ import annotations

import asyncio

import pytest

from sessionstream import (
    Hub,
    HydrationStore,
    SchemaRegistry,
    StoreError,
)
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, say, settled


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=store), timeline)


@pytest.fixture
def gated_hub(registry: SchemaRegistry, gated: GatedStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=gated), timeline)


def with_timeline(hub: Hub, timeline: Lines) -> Hub:
    hub.register_timeline_projection(timeline)
    return hub


class TestAClosedSession:
    async def test_is_opened_by_its_next_event(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            assert await store.closed_sessions() == ["s"]
            await say(hub, "b=2")
            assert await store.closed_sessions() == []

    async def test_is_closed_after_what_was_published_before(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            gated.hold()
            said = asyncio.ensure_future(say(hub, "a=1"))
            await gated.wait_held()
            closed = asyncio.ensure_future(hub.close_session("s"))
            await settled()
            gated.release()
            await asyncio.gather(said, closed)
            assert await gated.closed_sessions() == ["s"]

    async def test_stays_closed_when_its_entities_are_stored_later(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.close_session("s")
        assert (await store.cursors("s")).timeline == 1
        assert await store.closed_sessions() == ["s"]


class TestPurge:
    async def test_deletes_closed_sessions_from_memory_too(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            for session_id in ("old", "new", "open"):
                await say(hub, "a=1", session_id)
            await hub.close_session("old")
            await hub.close_session("new")
            assert await hub.purge(keep=1) == ["old"]
            assert await store.sessions() == ["new", "open"]
            assert (await say(hub, "b=2", "old")).ordinal == 1

    async def test_without_a_limit_is_refused(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(StoreError, match="closed_before, keep"):
                await hub.purge()

    async def test_leaves_a_session_that_was_opened_meanwhile(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            await say(hub, "a=1")
            await hub.close_session("s")
            gated.hold()
            said = asyncio.ensure_future(say(hub, "b=2"))
            await gated.wait_held()
            purged = asyncio.ensure_future(hub.purge(keep=0))
            await settled()
            gated.release()
            await said
            assert await purged == []
            assert (await say(hub, "c=3")).ordinal == 3
