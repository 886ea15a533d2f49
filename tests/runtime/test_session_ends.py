"""Deleting sessions while they are in use."""

from __future__ import annotations

import asyncio

import pytest

from sessionstream import (
    Event,
    Hub,
    HubClosedError,
    HydrationStore,
    SchemaRegistry,
    StoreError,
    StoreFullError,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, forever, lines, say, settled


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=store), timeline)


@pytest.fixture
def gated_hub(registry: SchemaRegistry, gated: GatedStore, timeline: Lines) -> Hub:
    return with_timeline(Hub(registry, store=gated), timeline)


def with_timeline(hub: Hub, timeline: Lines) -> Hub:
    hub.register_timeline_projection(timeline)
    return hub


class TestADeletedSession:
    async def test_is_empty_and_begins_again_at_one_in_a_new_epoch(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
            epoch = (await store.cursors("s")).epoch
            await hub.delete_session("s")
            assert (await hub.snapshot("s")).snapshot_ordinal == 0
            assert (await hub.snapshot("s")).entities == ()
            assert await hub.event_cursor("s") == 0
            assert await store.sessions() == []
            assert (await say(hub, "c=3")).ordinal == 1
            assert lines(await hub.snapshot("s")) == ["c=3"]
            assert (await store.cursors("s")).epoch not in ("", epoch)

    async def test_leaves_no_entity_that_was_not_stored_yet(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            await say(hub, "a=1")
            await hub.delete_session("s")
        assert await store.sessions() == []
        assert await store.timeline("s") == []

    async def test_may_be_unknown(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await hub.delete_session("s")
            assert await store.sessions() == []

    async def test_keeps_the_order_of_what_was_published_before_and_after(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            await say(hub, "a=1")
            gated.hold()
            before = [asyncio.ensure_future(say(hub, value)) for value in ("b=2", "c=3")]
            await gated.wait_held()
            deleted = asyncio.ensure_future(hub.delete_session("s"))
            await settled()
            after = [asyncio.ensure_future(say(hub, value)) for value in ("d=4", "e=5")]
            await settled()
            assert not deleted.done()
            gated.release()
            events = await asyncio.gather(*before, *after)
            assert [event.ordinal for event in events] == [2, 3, 1, 2]
            await deleted
            assert lines(await hub.snapshot("s")) == ["d=4", "e=5"]

    async def test_ends_its_tasks_first(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            session = await hub.session("s")

            async def say_goodbye() -> None:
                try:
                    await forever()
                finally:
                    await say(hub, "goodbye=1")

            session.tasks.start("answer", say_goodbye())
            session.tasks.start("other", forever())
            (await hub.session("t")).tasks.start("stays", forever())
            await settled()
            await hub.delete_session("s")
            await session.tasks.wait_idle()
            assert await store.sessions() == []
            assert (await hub.session("t")).tasks.cancel("stays")

    async def test_may_be_deleted_by_a_task_of_its_own(self, hub: Hub) -> None:
        async with hub:
            await say(hub, "a=1")
            session = await hub.session("s")
            session.tasks.start("end", hub.delete_session("s"))
            await session.tasks.wait_idle()
            assert await hub.event_cursor("s") == 0

    async def test_has_new_metadata_in_its_next_life(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        lives: list[str] = []

        async def metadata(session_id: str) -> object:
            lives.append(session_id)
            return len(lives)

        async with Hub(registry, store=store, session_metadata=metadata) as hub:
            assert (await hub.session("s")).metadata == 1
            await hub.delete_session("s")
            assert (await hub.session("s")).metadata == 2

    async def test_that_can_t_be_deleted_goes_on(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        class Full(MemoryStore):
            async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
                raise StoreFullError("memory", "full")

        async with with_timeline(Hub(registry, store=Full()), timeline) as hub:
            await say(hub, "a=1")
            with pytest.raises(StoreFullError):
                await hub.delete_session("s")
            assert (await say(hub, "b=2")).ordinal == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_whose_deletion_ends_with_an_error_is_looked_up(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        """A disk can fail just after it has stored the transaction."""

        class Torn(MemoryStore):
            async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
                await super().delete_session(session_id, if_closed=if_closed)
                raise StoreError("memory", "torn")

        async with with_timeline(Hub(registry, store=Torn()), timeline) as hub:
            await say(hub, "a=1")
            with pytest.raises(StoreError, match="torn"):
                await hub.delete_session("s")
            assert (await say(hub, "b=2")).ordinal == 1
            assert lines(await hub.snapshot("s")) == ["b=2"]

    async def test_stays_when_the_caller_leaves_before_its_turn(
        self, gated_hub: Hub, gated: GatedStore
    ) -> None:
        async with gated_hub as hub:
            gated.hold()
            said = asyncio.ensure_future(say(hub, "a=1"))
            await gated.wait_held()
            deleted = asyncio.ensure_future(hub.delete_session("s"))
            await settled()
            deleted.cancel()
            gated.release()
            assert isinstance(await said, Event)
            assert (await say(hub, "b=2")).ordinal == 2

    async def test_is_not_deleted_by_a_closed_hub(self, hub: Hub, store: HydrationStore) -> None:
        async with hub:
            await say(hub, "a=1")
        with pytest.raises(HubClosedError):
            await hub.delete_session("s")
        assert await store.sessions() == ["s"]
