"""Events that are removed, with their session or by compaction, while somebody folds them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from google.protobuf.message import Message

from sessionstream import Hub, HydrationStore, OrdinalError, SchemaRegistry, StoreCorruptError
from sessionstream.testing.fakes import GatedStore
from sessionstream.types import StoredEvent, TimelineEntity
from tests.runtime.app import Growing, lines, say

# More than are read from the log at once.
TEXTS = "abcdefghijklmnop"


class Interrupted(GatedStore):
    """Lets something happen just before the next read of events above an ordinal."""

    def __init__(self, inner: HydrationStore) -> None:
        super().__init__(inner)
        self._above = 0
        self._happen: Callable[[], Awaitable[object]] | None = None

    def before_reading(self, above: int, happen: Callable[[], Awaitable[object]]) -> None:
        self._above, self._happen = above, happen

    @property
    def happened(self) -> bool:
        return self._happen is None

    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        if self._happen is not None and after >= self._above:
            happen, self._happen = self._happen, None
            await happen()
        return await super().events(session_id, after, limit)


@pytest.fixture(autouse=True)
def short_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild folds even these few events beside the lane's work."""
    monkeypatch.setattr("sessionstream.rebuilding.STRIDE", 4)


@pytest.fixture
def interrupted(store: HydrationStore) -> Interrupted:
    return Interrupted(store)


@pytest.fixture
async def hub(registry: SchemaRegistry, interrupted: Interrupted) -> Hub:
    hub = Hub(registry, store=interrupted)
    hub.register_timeline_projection(Growing())
    for value in TEXTS:
        await say(hub, value)
    return hub


async def begin_again(hub: Hub, texts: str) -> None:
    """Deletes the session and publishes to a new one of its name."""
    await hub.delete_session("s")
    for value in texts:
        await say(hub, value)


class TestACompactionWhoseSessionIsDeleted:
    async def test_finds_nothing_to_remove(self, hub: Hub, interrupted: Interrupted) -> None:
        interrupted.before_reading(8, lambda: hub.delete_session("s"))
        async with hub:
            assert await hub.compact("s", keep=0) == 0
            assert interrupted.happened
            assert await interrupted.sessions() == []

    async def test_goes_on_with_the_new_session_of_that_name(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        """Its base is the fold of the new log, never of the old one."""
        new = TEXTS.upper()
        interrupted.before_reading(8, lambda: begin_again(hub, new))
        async with hub:
            assert await hub.compact("s", keep=2) == len(new) - 2
            assert lines(await hub.snapshot("s", as_of=len(new) - 2)) == [f"all={new[:-2]}"]
            assert await hub.rebuild_timeline("s") == len(new)
            assert lines(await hub.snapshot("s")) == [f"all={new}"]

    async def test_that_waits_in_line_behind_the_deletion_removes_nothing_of_the_new_one(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        async def delete_at_the_end() -> None:
            deletions.append(asyncio.create_task(begin_again(hub, TEXTS.upper())))
            await asyncio.sleep(0)

        deletions: list[asyncio.Task[None]] = []
        # The last page: what is accepted now is done before what the compaction asks for.
        interrupted.before_reading(8, delete_at_the_end)
        async with hub:
            await hub.compact("s", keep=0)
            await asyncio.gather(*deletions)
            assert lines(await hub.snapshot("s")) == [f"all={TEXTS.upper()}"]
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == [f"all={TEXTS.upper()}"]


class TestARebuildWhoseSessionIsDeleted:
    async def test_leaves_it_deleted(self, hub: Hub, interrupted: Interrupted) -> None:
        interrupted.before_reading(8, lambda: hub.delete_session("s"))
        async with hub:
            assert await hub.rebuild_timeline("s") == 0
            assert interrupted.happened
            assert (await hub.snapshot("s")).entities == ()
            assert await interrupted.sessions() == []

    @pytest.mark.parametrize("new", ["A", TEXTS.upper(), 2 * TEXTS.upper()])
    async def test_folds_the_new_session_of_that_name(
        self, hub: Hub, interrupted: Interrupted, new: str
    ) -> None:
        interrupted.before_reading(8, lambda: begin_again(hub, new))
        async with hub:
            assert await hub.rebuild_timeline("s") == len(new)
            assert lines(await hub.snapshot("s")) == [f"all={new}"]

    async def test_folds_the_new_one_where_it_was_deleted_in_line_before(self, hub: Hub) -> None:
        deletions: list[asyncio.Task[None]] = []

        def delete(_ordinal: int, _head: int) -> None:
            if not deletions:
                deletions.append(asyncio.create_task(begin_again(hub, TEXTS.upper())))

        async with hub:
            await hub.rebuild_timeline("s", progress=delete)
            await asyncio.gather(*deletions)
            assert lines(await hub.snapshot("s")) == [f"all={TEXTS.upper()}"]


class TestASnapshotOfThePast:
    async def test_names_its_own_ordinal_where_the_log_is_compacted_meanwhile(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        interrupted.before_reading(0, lambda: hub.compact("s", keep=2))
        async with hub:
            with pytest.raises(OrdinalError, match=r"ordinals 14 to 16; 12 is not") as refused:
                await hub.snapshot("s", as_of=12)
            assert interrupted.happened
            assert refused.value.ordinal == 12

    async def test_is_answered_where_the_compacted_log_still_holds_it(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        interrupted.before_reading(8, lambda: hub.compact("s", keep=4))
        async with hub:
            assert lines(await hub.snapshot("s", as_of=13)) == [f"all={TEXTS[:13]}"]
            assert interrupted.happened

    async def test_is_beyond_the_log_of_a_session_that_is_deleted_meanwhile(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        interrupted.before_reading(8, lambda: hub.delete_session("s"))
        async with hub:
            with pytest.raises(OrdinalError, match=r"13 is not") as refused:
                await hub.snapshot("s", as_of=13)
            assert refused.value.head == 0

    async def test_never_mixes_the_old_and_the_new_session_of_one_name(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        interrupted.before_reading(8, lambda: begin_again(hub, TEXTS.upper()))
        async with hub:
            assert lines(await hub.snapshot("s", as_of=13)) == [f"all={TEXTS[:13].upper()}"]

    async def test_says_that_the_store_is_damaged_where_nobody_removed_anything(
        self, hub: Hub, interrupted: Interrupted
    ) -> None:
        interrupted.before_reading(8, lambda: interrupted.inner.delete_session("s"))
        async with hub:
            with pytest.raises(StoreCorruptError, match="the log has no event 9"):
                await hub.snapshot("s", as_of=13)


class HeldCompaction(Interrupted):
    """Keeps a compaction at its beginning until it is let go."""

    def __init__(self, inner: HydrationStore) -> None:
        super().__init__(inner)
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def compact(
        self, session_id: str, upto: int, entities: Sequence[TimelineEntity[Message]]
    ) -> None:
        self.begun.set()
        await self.go.wait()
        await super().compact(session_id, upto, entities)


async def test_a_rebuild_after_a_compaction_that_was_cancelled_on_its_way_folds_what_is_left(
    registry: SchemaRegistry, store: HydrationStore
) -> None:
    """What was begun goes on, and the rebuild neither meets it halfway nor gives up."""
    held = HeldCompaction(store)
    async with Hub(registry, store=held) as hub:
        hub.register_timeline_projection(Growing())
        for value in TEXTS:
            await say(hub, value)
        compaction = asyncio.create_task(hub.compact("s", keep=1))
        await held.begun.wait()
        compaction.cancel()
        rebuild = asyncio.create_task(hub.rebuild_timeline("s"))
        for _ in range(20):
            await asyncio.sleep(0)
        held.go.set()
        assert await rebuild == len(TEXTS)
        assert compaction.cancelled()
        assert (await store.cursors("s")).log_start == len(TEXTS) - 1
        assert lines(await hub.snapshot("s")) == [f"all={TEXTS}"]
