"""What a client that comes back is told: the position, and the UI events since its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sessionstream import Hub, HydrationStore, Position, SchemaRegistry, UIBatch
from sessionstream.hydration.base import Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore
from sessionstream.transport.source import SessionSource
from tests.runtime.app import Lines, Shows, lines, say, say_all


def ordinals(batches: Sequence[UIBatch]) -> list[int]:
    return [batch.ordinal for batch in batches]


class PagedStore(GatedStore):
    """Reads of kept UI events wait until they are let go, with what was there before."""

    def __init__(self, inner: HydrationStore) -> None:
        super().__init__(inner)
        self.reading = asyncio.Event()
        self.go_on = asyncio.Event()

    async def ui_batches(
        self, session_id: str, after: int = 0, limit: int = 256
    ) -> Sequence[UIBatch]:
        self.reading.set()
        await self.go_on.wait()
        return await super().ui_batches(session_id, after, limit)


def test_a_hub_is_what_the_transport_needs(hub: Hub) -> None:
    """Mypy checks it; the methods are tested one by one."""
    source: SessionSource = hub
    assert source.registry is hub.registry


class TestPosition:
    async def test_it_has_the_head_and_the_last_event_with_ui_events(
        self, hub: Hub, store: HydrationStore, ui: Shows
    ) -> None:
        async with hub:
            await say_all(hub, "a", "b")
            ui.bad.add("c")
            await say_all(hub, "c")
            epoch = (await store.cursors("s")).epoch
            assert await hub.position("s") == Position(epoch=epoch, head=3, shown=2)

    async def test_an_unknown_session_keeps_the_epoch_that_it_was_told(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            before = await hub.position("s")
            await say(hub, "a")
            assert (before.head, before.shown) == (0, 0)
            assert await hub.position("s") == replace(before, head=1, shown=1)
            assert (await store.cursors("s")).epoch == before.epoch

    async def test_a_deleted_session_has_another_epoch(self, hub: Hub) -> None:
        async with hub:
            await say(hub, "a")
            before = await hub.position("s")
            await hub.delete_session("s")
            after = await hub.position("s")
        assert (after.head, after.shown) == (0, 0)
        assert after.epoch != before.epoch

    async def test_a_restart_changes_nothing(
        self, registry: SchemaRegistry, store: HydrationStore, hub: Hub
    ) -> None:
        async with hub:
            await say_all(hub, "a", "b")
            before = await hub.position("s")
        async with Hub(registry, store=store) as again:
            assert await again.position("s") == before

    async def test_a_commit_that_failed_but_was_stored_counts(
        self, registry: SchemaRegistry
    ) -> None:
        store = StoresAndFails(MemoryStore())
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(Shows())
            await say(hub, "a")
            store.fail_next(RuntimeError("lost the connection"))
            with pytest.raises(RuntimeError):
                await say(hub, "b")
            assert (await hub.position("s")).shown == 2
            await say(hub, "c")
            assert [each.previous_ordinal for each in await store.ui_batches("s")] == [0, 1, 2]

    async def test_ui_events_that_were_caught_up_on_in_such_a_commit_count(
        self, registry: SchemaRegistry
    ) -> None:
        store, ui = StoresAndFails(MemoryStore()), Shows("b")
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(ui)
            await say_all(hub, "a", "b")
            ui.bad.clear()
            store.fail_next(RuntimeError("lost the connection"))
            (record,) = await hub.errors("s")
            with pytest.raises(RuntimeError):
                await hub.retry(record)
            assert (await hub.position("s")).shown == 2
            await say(hub, "c")
            assert ordinals(await store.ui_batches("s")) == [1, 2, 3]


class StoresAndFails(GatedStore):
    """Commits that are made to fail are stored all the same."""

    async def commit(self, batch: Sequence[object]) -> None:
        failed = bool(self._errors)
        if failed:
            await self.inner.commit(batch)  # type: ignore[arg-type]
        await super().commit(batch)  # type: ignore[arg-type]


class TestOpened:
    async def test_the_timeline_and_the_position_are_of_one_moment(
        self, hub: Hub, timeline: Lines
    ) -> None:
        async with hub:
            await say_all(hub, "1=a", "2=b")
            opened = await hub.opened("s")
            assert lines(opened.snapshot) == ["1=a", "2=b"]
            assert opened.snapshot.snapshot_ordinal == opened.position.head == 2
            assert opened.position == await hub.position("s")

    async def test_a_timeline_that_is_held_back_is_tried_once_and_stays_below_the_head(
        self, hub: Hub, timeline: Lines
    ) -> None:
        timeline.bad.add("2=b")
        async with hub:
            await say_all(hub, "1=a", "2=b")
            opened = await hub.opened("s")
        assert (opened.snapshot.snapshot_ordinal, opened.position.shown) == (1, 2)

    async def test_it_never_shows_a_half_of_a_commit(self, hub: Hub) -> None:
        async with hub:
            saying = asyncio.ensure_future(say_all(hub, *(f"{n}=x" for n in range(50))))
            while not saying.done():
                opened = await hub.opened("s")
                assert opened.snapshot.snapshot_ordinal == opened.position.head
                assert len(opened.snapshot.entities) == opened.position.shown
                await asyncio.sleep(0)
            await saying


class TestHistory:
    async def test_it_has_the_batches_above_an_ordinal(self, hub: Hub) -> None:
        async with hub:
            await say_all(hub, "a", "b", "c")
            history = await hub.history("s", 1)
            assert history.position == await hub.position("s")
        assert ordinals(history.batches) == [2, 3]
        assert history.reaches_back

    async def test_a_page_is_no_longer_than_its_limit(self, hub: Hub) -> None:
        async with hub:
            await say_all(hub, "a", "b", "c")
            history = await hub.history("s", 0, 2)
        assert (ordinals(history.batches), history.reaches_back) == ([1, 2], True)

    @pytest.mark.parametrize("after", [3, 99])
    async def test_at_the_head_and_above_it_there_is_nothing_and_nothing_is_missing(
        self, hub: Hub, after: int
    ) -> None:
        async with hub:
            await say_all(hub, "a", "b", "c")
            history = await hub.history("s", after)
        assert (history.batches, history.reaches_back) == ((), True)

    async def test_events_without_ui_events_are_not_missing(self, registry: SchemaRegistry) -> None:
        async with Hub(registry) as hub:
            await say_all(hub, "a", "b")
            history = await hub.history("s", 0)
        assert (history.batches, history.reaches_back) == ((), True)

    async def test_what_is_kept_no_more_is_missing(self, registry: SchemaRegistry) -> None:
        store = MemoryStore(retention=Retention(ui_batches=2))
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(Shows())
            await say_all(hub, *"abcdefgh")
            kept = ordinals(await store.ui_batches("s"))
            assert not (await hub.history("s", kept[0] - 2)).reaches_back
            assert (await hub.history("s", kept[0] - 1)).reaches_back

    async def test_with_nothing_kept_only_the_last_position_reaches_back(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry, store=MemoryStore(retention=Retention(ui_batches=0))) as hub:
            hub.register_ui_projection(Shows())
            await say_all(hub, "a", "b")
            assert not (await hub.history("s", 1)).reaches_back
            assert (await hub.history("s", 2)).reaches_back

    async def test_a_batch_that_can_not_be_read_ends_the_page_before_it(
        self, registry: SchemaRegistry
    ) -> None:
        store = Unreadable(MemoryStore(), 2)
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(Shows())
            await say_all(hub, "a", "b", "c")
            first = await hub.history("s", 0)
            assert (ordinals(first.batches), first.reaches_back) == ([1], True)
            following = await hub.history("s", 1)
            assert (following.batches, following.reaches_back) == ((), False)
            assert (first.unreadable, following.unreadable) == (0, 2)
            assert (await hub.history("s", 2)).reaches_back

    async def test_what_is_committed_while_it_is_read_is_left_to_the_feeds(
        self, registry: SchemaRegistry
    ) -> None:
        """Whoever came to the position that comes with it has missed nothing."""
        store = PagedStore(MemoryStore())
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(Shows())
            await say(hub, "a")
            history = asyncio.ensure_future(hub.history("s", 1))
            await store.reading.wait()
            await say(hub, "b")
            store.go_on.set()
            assert (await history).batches == ()
            assert (await history).position.shown == 1
            assert (await history).reaches_back

    async def test_what_a_later_life_of_the_session_has_is_not_in_it(
        self, registry: SchemaRegistry
    ) -> None:
        store = PagedStore(MemoryStore())
        async with Hub(registry, store=store) as hub:
            hub.register_ui_projection(Shows())
            await say_all(hub, "a", "b")
            history = asyncio.ensure_future(hub.history("s", 0))
            await store.reading.wait()
            await hub.delete_session("s")
            await say(hub, "c")
            store.go_on.set()
            assert ((await history).batches, (await history).reaches_back) == ((), False)

    async def test_an_unusable_ordinal_is_refused(self, hub: Hub) -> None:
        async with hub:
            with pytest.raises(TypeError, match="whole number"):
                await hub.history("s", "1")  # type: ignore[arg-type]


class Unreadable(GatedStore):
    """The batch of one ordinal can't be read."""

    def __init__(self, inner: HydrationStore, ordinal: int) -> None:
        super().__init__(inner)
        self.ordinal = ordinal

    async def ui_batches(
        self, session_id: str, after: int = 0, limit: int = 256
    ) -> Sequence[UIBatch]:
        return [
            replace(batch, events=(), unreadable="?") if batch.ordinal == self.ordinal else batch
            for batch in await super().ui_batches(session_id, after, limit)
        ]
