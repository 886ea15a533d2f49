"""The contract of a store's sessions: cursors, lives, listing."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.errors import SessionIdError
from sessionstream.hydration.base import Cursors
from sessionstream.testing.stores.backend import StoreBackend, ordinals_of, refused
from sessionstream.testing.stores.samples import failure, note, notes_commit, still_commit


class SessionRules(StoreBackend):
    """A session has cursors, and a life that begins with its first commit."""

    async def test_cursors_are_those_of_the_last_commit(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([replace(notes_commit("s", 1, 3), ui_cursor=2, timeline_cursor=1)])
            cursors = await store.cursors("s")
            assert (cursors.event, cursors.ui, cursors.timeline) == (3, 2, 1)
            await store.commit([replace(still_commit("s", 3), timeline_cursor=2)])
            assert await store.cursors("s") == replace(cursors, ui=3, timeline=2)

    async def test_a_commit_without_events_begins_a_session_too(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([still_commit("s", 0)])
            assert await store.sessions() == ["s"]
            assert (await store.cursors("s")).epoch

    async def test_an_epoch_lasts_and_differs_between_sessions(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("one"), notes_commit("two")])
            epoch = (await store.cursors("one")).epoch
            other = (await store.cursors("two")).epoch
            await store.commit([notes_commit("one", 2)])
            assert (await store.cursors("one")).epoch == epoch
            assert len({epoch, other, ""}) == 3

    async def test_a_deleted_session_is_gone_with_all_it_had(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            entities, errors = [note("a", "1")], [failure("s", 1)]
            await store.commit([notes_commit("s", entities=entities, errors=errors)])
            await store.commit([notes_commit("other", entities=entities)])
            await store.delete_session("s")
            assert await store.events("s") == []
            assert await store.timeline("s") == []
            assert await store.errors("s") == []
            assert await store.cursors("s") == Cursors()
            assert await store.sessions() == ["other"]
            assert await store.timeline("other") == entities

    async def test_a_deleted_session_begins_again_at_one_in_a_new_epoch(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 5, errors=[failure("s", 1)])])
            before = await store.cursors("s")
            await store.delete_session("s")
            await store.commit([notes_commit("s", 1, 2)])
            after = await store.cursors("s")
            assert (after.event, await ordinals_of(store, "s")) == (2, [1, 2])
            assert after.epoch not in ("", before.epoch)
            assert await store.errors("s") == []

    async def test_deleting_an_unknown_session_does_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.delete_session("unknown")
            assert await store.sessions() == []

    async def test_sessions_are_listed_in_pages_by_code_point(self, tmp_path: Path) -> None:
        """Not by the units of UTF-16, where an emoji comes before U+FFFF."""
        ids = ["\0", " ", "A", "Z", "a", "a\0", "aa", "z", "ä", "\uffff", "😀"]
        assert ids == sorted(ids)
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit(session_id) for session_id in reversed(ids)])
            assert await store.sessions() == ids
            listed: list[str] = []
            while page := await store.sessions(listed[-1] if listed else "", limit=4):
                listed += page
            assert listed == ids
            assert await store.sessions("b", limit=1) == ["z"]
            assert await store.sessions(limit=0) == []

    async def test_a_session_id_can_be_long_and_hold_anything(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            for session_id in ("x" * 512, "😀" * 512, "a\0b", "'; DROP TABLE sessions; --"):
                await store.commit([notes_commit(session_id, 1, 2)])
                assert await ordinals_of(store, session_id) == [1, 2]
            assert await store.events("a") == []

    async def test_an_unusable_session_id_is_refused_everywhere(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            for session_id in ("", "x" * 513, "a\ud800"):
                with refused(SessionIdError):
                    await store.commit([notes_commit("usable"), notes_commit(session_id)])
                with refused(SessionIdError):
                    await store.events(session_id)
                with refused(SessionIdError):
                    await store.timeline(session_id)
                with refused(SessionIdError):
                    await store.ui_batches(session_id)
                with refused(SessionIdError):
                    await store.command(session_id, "c")
                with refused(SessionIdError):
                    await store.cursors(session_id)
                with refused(SessionIdError):
                    await store.errors(session_id)
                with refused(SessionIdError):
                    await store.clear_timeline(session_id)
                with refused(SessionIdError):
                    await store.delete_session(session_id)
            with refused(SessionIdError):
                await store.sessions("a\ud800")
            assert await store.sessions() == []
