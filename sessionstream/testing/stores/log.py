"""The contract of a store's logs: order, pages, conflicts, whole batches, copies."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.errors import StoreConflictError, StoreError
from sessionstream.hydration.base import Cursors
from sessionstream.testing.stores.backend import (
    StoreBackend,
    entities_of,
    events_of,
    ordinals_of,
    refused,
    texts_of,
)
from sessionstream.testing.stores.samples import (
    failure,
    note,
    note_added,
    notes_commit,
    still_commit,
)


class LogRules(StoreBackend):
    """Events come back as they were committed, in order."""

    async def test_events_come_back_equal_and_in_order(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            first, second = note_added("s", 1, "eins"), note_added("s", 2, "zwei")
            await store.commit([replace(notes_commit("s"), events=[first])])
            await store.commit([replace(notes_commit("s", 2), events=[second])])
            assert await store.events("s") == [first, second]

    async def test_a_page_starts_after_an_ordinal_and_ends_at_its_limit(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 9)])
            assert await ordinals_of(store, "s", after=3, limit=2) == [4, 5]
            assert await ordinals_of(store, "s", after=7, limit=5) == [8, 9]
            assert await ordinals_of(store, "s", after=9) == []
            assert await ordinals_of(store, "s", limit=0) == []
            assert await ordinals_of(store, "s", after=-1, limit=1) == [1]
            assert await ordinals_of(store, "s", after=2**64, limit=2**64) == []

    async def test_a_negative_limit_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(StoreError, "-1"):
                await store.events("s", limit=-1)
            with refused(StoreError, "-1"):
                await store.errors("s", limit=-1)
            with refused(StoreError, "-1"):
                await store.sessions(limit=-1)

    async def test_an_unknown_session_reads_as_empty(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("known")])
            assert await store.events("unknown") == []
            assert await store.timeline("unknown") == []
            assert await store.errors("unknown") == []
            assert await store.cursors("unknown") == Cursors()
            assert await store.sessions() == ["known"]

    async def test_an_empty_batch_changes_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([])
            assert await store.sessions() == []

    async def test_changing_what_was_committed_changes_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            event, entity = note_added("s", 1, "before"), note("a", "before")
            commit = replace(notes_commit("s", entities=[entity]), events=[event])
            committing = asyncio.create_task(store.commit([commit]))
            await asyncio.sleep(0)  # the call was made; it may not have returned
            assert isinstance(entity.payload, StringValue)
            event.payload.value = entity.payload.value = "after"
            await committing
            assert (await events_of(store, "s"))[0].payload == StringValue(value="before")
            assert await texts_of(store, "s") == {"a": "before"}

    async def test_changing_what_was_read_changes_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", entities=[note("a", "before")])])
            [event], [entity] = await events_of(store, "s"), await entities_of(store, "s")
            for payload in (event.payload, entity.payload):
                assert isinstance(payload, StringValue)
                payload.value = "after"
            assert (await events_of(store, "s"))[0].payload == StringValue(value="text 1")
            assert await texts_of(store, "s") == {"a": "before"}


class ConflictRules(StoreBackend):
    """A batch that does not follow what is stored leaves no trace."""

    async def test_a_log_begins_at_ordinal_one(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            for ordinal in (0, 2):
                with refused(StoreConflictError, "'s'", f"got event {ordinal}"):
                    await store.commit([notes_commit("s", ordinal)])
            assert await store.sessions() == []

    async def test_events_that_leave_a_gap_are_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 2)])
            with refused(StoreConflictError, "'s'", "event 2", "event 4"):
                await store.commit([notes_commit("s", 4)])
            jumping = [note_added("s", 3), note_added("s", 5)]
            with refused(StoreConflictError):
                await store.commit([replace(notes_commit("s", 3), events=jumping)])
            assert await ordinals_of(store, "s") == [1, 2]

    async def test_events_that_are_stored_already_are_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 2)])
            with refused(StoreConflictError):
                await store.commit([notes_commit("s", 2, 3)])
            assert await ordinals_of(store, "s") == [1, 2]

    async def test_a_conflict_of_one_session_stores_nothing_of_any(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("old", entities=[note("a", "before")])])
            before = await store.cursors("old")
            batch = [
                notes_commit("new", entities=[note("a", "after")]),
                notes_commit("old", 2, entities=[note("a", "after")], errors=[failure("old", 2)]),
                notes_commit("gap", 7),
            ]
            with refused(StoreConflictError, "'gap'"):
                await store.commit(batch)
            assert await store.sessions() == ["old"]
            assert await store.cursors("old") == before
            assert await texts_of(store, "old") == {"a": "before"}
            assert await store.errors("old") == []
            await store.commit(batch[:2])
            assert await texts_of(store, "old") == {"a": "after"}

    async def test_a_cursor_outside_of_the_log_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            commit = notes_commit("s", 1, 2)
            for cursor in (-1, 3):
                with refused(StoreConflictError, f"ui cursor {cursor}", "'s'"):
                    await store.commit([replace(commit, ui_cursor=cursor)])
                with refused(StoreConflictError, f"timeline cursor {cursor}", "'s'"):
                    await store.commit([replace(commit, timeline_cursor=cursor)])
            assert await store.sessions() == []

    async def test_a_cursor_that_goes_back_is_refused(self, tmp_path: Path) -> None:
        """It is of somebody who does not know what the store holds."""
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 3)])
            still = still_commit("s", 3)
            for earlier in (replace(still, ui_cursor=2), replace(still, timeline_cursor=2)):
                with refused(StoreConflictError, "'s'", "go back"):
                    await store.commit([earlier])
            cursors = await store.cursors("s")
            assert (cursors.ui, cursors.timeline) == (3, 3)

    async def test_a_session_that_is_twice_in_a_batch_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(StoreError, "'s'"):
                await store.commit([notes_commit("s"), still_commit("s", 1)])
            assert await store.sessions() == []

    async def test_an_event_of_another_session_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(StoreError, "'s'", "'other'"):
                await store.commit([replace(notes_commit("s"), events=[note_added("other", 1)])])
            assert await store.sessions() == []
