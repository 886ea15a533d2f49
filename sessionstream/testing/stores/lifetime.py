"""The contract of a store's life: many callers, cancelled callers, closing."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sessionstream.errors import StoreClosedError
from sessionstream.hydration.base import HydrationStore, SessionCommit
from sessionstream.testing.stores.backend import (
    StoreBackend,
    entities_of,
    ordinals_of,
    refused,
)
from sessionstream.testing.stores.samples import (
    note,
    notes_commit,
    shown,
)

SESSIONS = [f"session {number}" for number in range(10)]


class ConcurrencyRules(StoreBackend):
    """Many tasks may use a store, and each of them may be cancelled."""

    async def test_sessions_can_be_committed_at_the_same_time(self, tmp_path: Path) -> None:
        async def fill(session_id: str) -> None:
            for ordinal in range(1, 11):
                await store.commit([notes_commit(session_id, ordinal)])

        names = [f"session {number:02}" for number in range(20)]
        async with self.opened(tmp_path) as store:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(fill(name))
            assert await store.sessions() == names
            for name in names:
                assert await ordinals_of(store, name) == list(range(1, 11))

    async def test_a_reader_never_sees_half_a_commit(self, tmp_path: Path) -> None:
        """Neither more events than the cursor says nor a timeline without its event."""

        async def write() -> None:
            for first in range(1, 60, 3):
                count = note("count", str(first + 2), changed=first + 2)
                last = first + 2
                commit = notes_commit("s", first, last, entities=[count])
                batch = shown("s", last, first - 1, "a", "b")
                await store.commit([replace(commit, ui_batches=[batch])])

        async with self.opened(tmp_path) as store:
            writing = asyncio.create_task(write())
            while not writing.done():
                before = await store.cursors("s")
                timeline = await entities_of(store, "s")
                batches = await store.ui_batches("s")
                after = await ordinals_of(store, "s")
                changed = timeline[0].last_event_ordinal if timeline else 0
                assert before.event % 3 == changed % 3 == len(after) % 3 == 0
                assert before.event <= changed <= len(batches) * 3 <= len(after)
                assert all(len(batch.events) == 2 for batch in batches)
                await asyncio.sleep(0)
            await writing

    async def test_a_cancelled_caller_leaves_a_whole_commit_or_none(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            for steps in range(6):
                names = [f"{steps}.{number}" for number in range(30)]
                batch = [notes_commit(name, 1, 3, entities=[note("a", "1")]) for name in names]
                await _cancel_after(steps, store, batch)
                await store.commit([notes_commit(f"{steps}.later")])
                heads = {(await store.cursors(name)).event for name in names}
                assert heads in ({0}, {3})
                assert len(await store.timeline(names[-1])) == max(heads) // 3


async def _cancel_after(steps: int, store: HydrationStore, batch: list[SessionCommit]) -> None:
    committing = asyncio.create_task(store.commit(batch))
    for _ in range(steps):
        await asyncio.sleep(0)
    committing.cancel()
    with suppress(asyncio.CancelledError):
        await committing


class LifetimeRules(StoreBackend):
    """A store ends once."""

    async def test_a_closed_store_refuses_everything(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s")])
        with refused(StoreClosedError):
            await store.commit([notes_commit("s", 2)])
        with refused(StoreClosedError):
            await store.events("s")
        with refused(StoreClosedError):
            await store.timeline("s")
        with refused(StoreClosedError):
            await store.ui_batches("s")
        with refused(StoreClosedError):
            await store.command("s", "c")
        with refused(StoreClosedError):
            await store.cursors("s")
        with refused(StoreClosedError):
            await store.errors("s")
        with refused(StoreClosedError):
            await store.sessions()
        with refused(StoreClosedError):
            await store.clear_timeline("s")
        with refused(StoreClosedError):
            await store.delete_session("s")
        with refused(StoreClosedError):
            await store.resolve_errors([], 1.0)
        with refused(StoreClosedError):
            await store.base_timeline("s")
        with refused(StoreClosedError):
            await store.compact("s", 0, ())
        with refused(StoreClosedError):
            await store.close_session("s", 1.0)
        with refused(StoreClosedError):
            await store.closed_sessions()

    async def test_a_store_may_be_closed_again_and_at_the_same_time(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await asyncio.gather(store.aclose(), store.aclose())
            await store.aclose()

    async def test_closing_finishes_the_commits_that_were_begun(self, tmp_path: Path) -> None:
        """Each returns, or is refused."""
        async with self.opened(tmp_path) as store:
            outcomes = await close_while_committing(store, SESSIONS)
        assert all(isinstance(outcome, StoreClosedError | None) for outcome in outcomes)


async def close_while_committing(
    store: HydrationStore, names: Sequence[str]
) -> list[BaseException | None]:
    """Closes while a commit is begun for each name; returns what became of them."""
    commits = [asyncio.create_task(store.commit([notes_commit(name)])) for name in names]
    await asyncio.sleep(0)
    await store.aclose()
    return await asyncio.gather(*commits, return_exceptions=True)
