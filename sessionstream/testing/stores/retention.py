"""The contract of how sessions end: closed, purged, with a log that is compacted."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.errors import StoreConflictError, StoreError
from sessionstream.hydration.base import BaseTimeline, HydrationStore
from sessionstream.testing.stores.backend import StoreBackend, ordinals_of, refused, texts_of
from sessionstream.testing.stores.samples import note, notes_commit, still_commit


async def _close_each(store: HydrationStore, *closings: tuple[str, float]) -> None:
    for session_id, closed_at in closings:
        await store.commit([notes_commit(session_id)])
        await store.close_session(session_id, closed_at)


class RetentionRules(StoreBackend):
    """Closed sessions are purged, by age or by number."""

    async def test_a_closed_session_is_listed_and_keeps_all_it_had(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            entities = [note("a", "1")]
            await store.commit([notes_commit("s", 1, 3, entities=entities), notes_commit("open")])
            before = await store.cursors("s")
            await store.close_session("s", 5.0)
            assert await store.closed_sessions() == ["s"]
            assert await store.sessions() == ["open", "s"]
            assert await store.cursors("s") == before
            assert await store.timeline("s") == entities
            assert await ordinals_of(store, "s") == [1, 2, 3]

    async def test_a_later_event_opens_a_closed_session(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("s", 5.0))
            await store.commit([still_commit("s", 1, entities=[note("a", "1")])])
            assert await store.closed_sessions() == ["s"]
            await store.commit([notes_commit("s", 2)])
            assert await store.closed_sessions() == []
            assert await store.purge(closed_before=9.0) == []

    async def test_closing_what_is_closed_or_unknown_changes_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("s", 5.0))
            await store.close_session("s", 8.0)
            await store.close_session("unknown", 8.0)
            assert await store.closed_sessions(closed_before=6.0) == ["s"]
            assert await store.sessions() == ["s"]

    async def test_sessions_that_were_closed_before_a_time_are_purged(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("c", 1.0), ("b", 2.0), ("a", 3.0))
            await store.commit([notes_commit("open")])
            assert await store.purge(closed_before=3.0) == ["c", "b"]
            assert await store.sessions() == ["a", "open"]
            assert await store.events("b") == []

    async def test_sessions_beyond_the_number_to_keep_are_purged(self, tmp_path: Path) -> None:
        """Of those that are closed; open ones neither count nor go."""
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("c", 1.0), ("b", 2.0), ("a", 3.0))
            await store.commit([notes_commit("open")])
            assert await store.purge(keep=3) == []
            assert await store.purge(keep=1) == ["c", "b"]
            assert await store.purge(keep=0) == ["a"]
            assert await store.sessions() == ["open"]

    async def test_with_both_limits_either_is_enough(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("c", 1.0), ("b", 2.0), ("a", 3.0))
            assert await store.closed_sessions(closed_before=2.0, keep=1) == ["c", "b"]
            assert await store.closed_sessions(closed_before=3.0, keep=3) == ["c", "b"]

    async def test_a_clock_that_goes_back_changes_no_order(self, tmp_path: Path) -> None:
        """Else the session that was closed last would be the first to go."""
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("first", 100.0), ("last", 1.0))
            assert await store.closed_sessions(closed_before=50.0) == []
            assert await store.purge(keep=1) == ["first"]
            assert await store.closed_sessions(closed_before=100.0) == []

    async def test_purging_without_a_limit_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _close_each(store, ("s", 5.0))
            with refused(StoreError, "closed_before", "keep"):
                await store.purge()
            with refused(StoreError, "-1"):
                await store.purge(keep=-1)
            assert await store.sessions() == ["s"]

    async def test_deleting_if_closed_leaves_an_open_session(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s")])
            assert not await store.delete_session("s", if_closed=True)
            await store.close_session("s", 5.0)
            assert await store.delete_session("s", if_closed=True)
            assert not await store.delete_session("s")
            assert await store.sessions() == []


class CompactionRules(StoreBackend):
    """A compacted log begins later, with the timeline as it stood there."""

    async def test_a_log_is_based_on_nothing_until_it_is_compacted(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 3, entities=[note("a", "1")])])
            assert await store.base_timeline("s") == BaseTimeline()
            assert await store.base_timeline("unknown") == BaseTimeline()
            assert (await store.cursors("s")).log_start == 0

    async def test_the_events_up_to_the_base_go_and_nothing_else(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            batch = [notes_commit(name, 1, 5, entities=[note("a", "5")]) for name in ("s", "t")]
            await store.commit(batch)
            before = await store.cursors("s")
            await store.compact("s", 3, [note("a", "3", changed=3)])
            base = BaseTimeline(3, (note("a", "3", changed=3),))
            assert await store.base_timeline("s") == base
            assert await store.cursors("s") == replace(before, log_start=3)
            assert await ordinals_of(store, "s") == await ordinals_of(store, "s", after=3) == [4, 5]
            assert await ordinals_of(store, "s", after=4, limit=9) == [5]
            assert await ordinals_of(store, "s", limit=1) == [4]
            assert await texts_of(store, "s") == {"a": "5"}
            assert await ordinals_of(store, "t") == [1, 2, 3, 4, 5]

    async def test_a_compacted_log_goes_on_and_is_compacted_again(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            both = [note("a", "5"), note("b", "5")]
            await store.commit([notes_commit("s", 1, 5)])
            await store.compact("s", 5, both)
            assert await ordinals_of(store, "s") == []
            await store.commit([notes_commit("s", 6, 9)])
            await store.compact("s", 5, both)
            await store.compact("s", 7, [note("a", "7", changed=7)])
            assert await ordinals_of(store, "s") == [8, 9]
            assert await store.base_timeline("s") == BaseTimeline(7, (note("a", "7", changed=7),))

    async def test_a_start_that_a_cursor_has_not_passed_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            commit = notes_commit("s", 1, 5)
            await store.commit([replace(commit, ui_cursor=4, timeline_cursor=3)])
            with refused(StoreConflictError, "'s'", "between 0 and 3", "got 4"):
                await store.compact("s", 4, ())
            await store.compact("s", 2, ())
            with refused(StoreConflictError, "'s'", "between 2 and 3", "got 1"):
                await store.compact("s", 1, ())
            with refused(StoreConflictError, "'unknown'"):
                await store.compact("unknown", 1, ())
            assert await ordinals_of(store, "s") == [3, 4, 5]
            assert await store.sessions() == ["s"]

    async def test_a_cursor_before_the_start_of_the_log_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 5)])
            await store.compact("s", 3, ())
            with refused(StoreConflictError, "timeline cursor 2", "after event 3"):
                await store.commit([replace(still_commit("s", 5), timeline_cursor=2)])

    async def test_clearing_a_timeline_puts_it_back_to_its_base(self, tmp_path: Path) -> None:
        """What is before it can't be folded again."""
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 5, entities=[note("a", "5"), note("b", "5")])])
            await store.compact("s", 3, [note("a", "3", changed=3)])
            await store.clear_timeline("s")
            assert await store.timeline("s") == [note("a", "3", changed=3)]
            assert (await store.cursors("s")).timeline == 3

    async def test_a_deleted_session_leaves_no_base(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 5)])
            await store.compact("s", 3, [note("a", "3")])
            await store.delete_session("s")
            await store.commit([notes_commit("s", 1, 2)])
            assert await store.base_timeline("s") == BaseTimeline()
            assert await ordinals_of(store, "s") == [1, 2]
