"""The contract of kept UI events."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.errors import StoreConflictError, StoreError
from sessionstream.testing.stores.backend import StoreBackend, refused, shown_of
from sessionstream.testing.stores.samples import (
    note_added,
    notes_commit,
    ran,
    shown,
    shown_commit,
    still_commit,
)
from sessionstream.types import UIBatch, UIEvent

_HALF_A_MIB = "x" * (2**19 - 4)  # with its tag and its length


class UIHistoryRules(StoreBackend):
    """UI events come back in the batches in which they were committed, in order."""

    async def test_ui_events_come_back_equal_in_the_epoch_of_their_session(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            first, second = shown("s", 1, 0, "one", "", "three"), shown("s", 3, 1)
            await store.commit([shown_commit("s", 1, first, second, last=3)])
            epoch = (await store.cursors("s")).epoch
            assert await store.ui_batches("s") == [
                replace(first, epoch=epoch),
                replace(second, epoch=epoch),
            ]

    async def test_the_last_event_that_had_ui_events_is_known(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s")])
            assert (await store.cursors("s")).shown == 0
            await store.commit([shown_commit("s", 2, shown("s", 2))])
            await store.commit([notes_commit("s", 3)])
            assert (await store.cursors("s")).shown == 2

    async def test_the_ui_events_of_an_event_may_come_with_a_later_commit(
        self, tmp_path: Path
    ) -> None:
        """Their projection was held back."""
        async with self.opened(tmp_path) as store:
            await store.commit([replace(notes_commit("s", 1, 2), ui_cursor=0)])
            await store.commit([replace(still_commit("s", 2), ui_batches=[shown("s", 1)])])
            assert await shown_of(store, "s") == [1]

    async def test_a_page_starts_after_an_ordinal_and_ends_at_its_limit(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            batches = [shown("s", each, each - 1, "a", "b") for each in range(1, 10)]
            await store.commit([shown_commit("s", 1, *batches, last=9)])
            assert await shown_of(store, "s", after=3, limit=2) == [4, 5]
            assert await shown_of(store, "s", after=7, limit=5) == [8, 9]
            assert await shown_of(store, "s", after=9) == []
            assert await shown_of(store, "s", limit=0) == []
            assert await shown_of(store, "s", after=-1, limit=1) == [1]
            assert await shown_of(store, "s", after=2**64, limit=2**64) == []
            assert await shown_of(store, "unknown") == []
            with refused(StoreError, "-1"):
                await store.ui_batches("s", limit=-1)

    async def test_a_page_of_large_batches_ends_before_a_mib_but_not_before_one_batch(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            large = (_HALF_A_MIB, _HALF_A_MIB, _HALF_A_MIB)
            batches = [
                shown("s", 1, 0, _HALF_A_MIB),
                shown("s", 2, 1, _HALF_A_MIB),
                shown("s", 3, 2, "small"),
                shown("s", 4, 3, *large),
                shown("s", 5, 4, "small"),
            ]
            await store.commit([shown_commit("s", 1, *batches, last=5)])
            assert await shown_of(store, "s") == [1, 2]
            assert await shown_of(store, "s", after=2) == [3]
            assert await shown_of(store, "s", after=3) == [4]
            assert await shown_of(store, "s", after=4) == [5]

    async def test_changing_ui_events_that_were_committed_or_read_changes_nothing(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            batch = shown("s", 1, 0, "before")
            committing = asyncio.create_task(store.commit([shown_commit("s", 1, batch)]))
            await asyncio.sleep(0)  # the call was made; it may not have returned
            _overwrite(batch)
            await committing
            for _ in range(2):
                [read] = await store.ui_batches("s")
                assert read.events == shown("s", 1, 0, "before").events
                _overwrite(read)

    async def test_a_session_begins_in_the_epoch_that_its_first_commit_names(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            batch = replace(shown("s", 1), epoch="first")
            await store.commit([replace(shown_commit("s", 1, batch), epoch="first")])
            await store.commit([replace(notes_commit("s", 2), epoch="second")])
            assert (await store.cursors("s")).epoch == "first"
            assert [each.epoch for each in await store.ui_batches("s")] == ["first"]

    async def test_a_deleted_session_leaves_no_ui_events_and_no_commands(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            commits = [
                replace(shown_commit(name, 1, shown(name, 1)), commands=[ran("c")])
                for name in ("s", "other")
            ]
            await store.commit(commits)
            await store.delete_session("s")
            await store.commit([notes_commit("s", 1, 2)])
            assert (await store.cursors("s")).shown == 0
            assert await shown_of(store, "s") == []
            assert await store.command("s", "c") is None
            assert await shown_of(store, "other") == [1]
            assert await store.command("other", "c") == ran("c")

    async def test_compacting_a_log_and_clearing_a_timeline_keep_ui_events(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            batches = [shown("s", each, each - 1) for each in range(1, 4)]
            await store.commit([shown_commit("s", 1, *batches, last=3)])
            await store.compact("s", 2, [])
            await store.clear_timeline("s")
            await store.commit([shown_commit("s", 4, shown("s", 4, 3))])
            assert await shown_of(store, "s") == [1, 2, 3, 4]


def _overwrite(batch: UIBatch) -> None:
    payload = batch.events[0].payload
    assert isinstance(payload, StringValue)
    payload.value = "after"


class UIConflictRules(StoreBackend):
    """UI events that do not follow those that are stored leave no trace."""

    async def test_ui_events_that_are_wrong_by_themselves_are_refused(self, tmp_path: Path) -> None:
        misnamed = UIEvent[Message](name="\ud800", payload=StringValue())
        wrong = {
            "ephemeral": [shown("s", 0)],
            "come after those of event 2": [shown("s", 2), shown("s", 1)],
            "after those of event 1": [shown("s", 1), shown("s", 1)],
            "'other'": [shown("other", 1)],
            "none": [replace(shown("s", 1), events=())],
            "surrogate": [replace(shown("s", 1), events=(misnamed,))],
        }
        async with self.opened(tmp_path) as store:
            for text, batches in wrong.items():
                with refused(StoreError, text, "'s'"):
                    await store.commit([shown_commit("s", 1, *batches, last=2)])
            assert await store.sessions() == []

    async def test_ui_events_that_do_not_follow_the_last_are_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            first = [shown("s", 1), shown("s", 2, 1)]
            await store.commit([shown_commit("s", 1, *first, last=3)])
            with refused(StoreConflictError, "'s'", "event 2", "ui cursor 4"):
                await store.commit([shown_commit("s", 4, shown("s", 2, 2))])
            with refused(StoreConflictError, "'s'", "of event 5", "ui cursor 4"):
                await store.commit([shown_commit("s", 4, shown("s", 5, 2))])
            for previous in (0, 1, 3):
                with refused(StoreConflictError, "'s'", f"event {previous};", "is 2"):
                    await store.commit([shown_commit("s", 4, shown("s", 4, previous))])
            assert await shown_of(store, "s") == [1, 2]
            assert (await store.cursors("s")).event == 3

    async def test_ui_events_beyond_the_ui_cursor_are_refused(self, tmp_path: Path) -> None:
        """The projection would make them again."""
        async with self.opened(tmp_path) as store:
            commit = shown_commit("s", 1, shown("s", 1), shown("s", 2, 1), last=2)
            with refused(StoreConflictError, "of event 2", "ui cursor 1"):
                await store.commit([replace(commit, ui_cursor=1)])
            assert await store.sessions() == []

    async def test_ui_events_of_another_epoch_are_refused(self, tmp_path: Path) -> None:
        """Clients would take them for those of the session that was."""
        async with self.opened(tmp_path) as store:
            await store.commit([replace(notes_commit("s"), epoch="this")])
            batch = replace(shown("s", 2), epoch="that")
            with refused(StoreConflictError, "'s'", "'that'", "'this'"):
                await store.commit([shown_commit("s", 2, batch)])

    async def test_a_batch_with_wrong_ui_events_stores_nothing_of_any(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            batch = [
                replace(shown_commit("a", 1, shown("a", 1)), commands=[ran("c")]),
                shown_commit("b", 1, shown("b", 1, 1)),
            ]
            with refused(StoreConflictError, "'b'"):
                await store.commit(batch)
            assert await store.sessions() == []
            await store.commit([replace(notes_commit("a"), events=[note_added("a", 1)])])
            assert await shown_of(store, "a") == []
            assert await store.command("a", "c") is None
