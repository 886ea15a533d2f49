"""The contract of a store's timelines and error records."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.errors import StoreError
from sessionstream.observer import ErrorSource
from sessionstream.testing.stores.backend import StoreBackend, ordinals_of, refused, texts_of
from sessionstream.testing.stores.samples import (
    NOTE,
    failure,
    note,
    note_added,
    note_removed,
    notes_commit,
    still_commit,
)
from sessionstream.types import TimelineEntity


class TimelineRules(StoreBackend):
    """A timeline holds the last state of each entity."""

    async def test_an_entity_comes_back_equal(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            entity = note("a", "text", created=1, changed=2)
            await store.commit([notes_commit("s", 1, 2, entities=[entity])])
            assert await store.timeline("s") == [entity]

    async def test_an_entity_takes_the_place_of_its_earlier_state(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", entities=[note("a", "1"), note("b", "1")])])
            later = note("a", "2", created=1, changed=2)
            await store.commit([notes_commit("s", 2, entities=[later])])
            assert await texts_of(store, "s") == {"a": "2", "b": "1"}
            assert later in await store.timeline("s")

    async def test_a_tombstone_removes_the_entity(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", entities=[note("a", "1"), note("b", "1")])])
            removals = [note_removed("a"), note_removed("never there")]
            await store.commit([notes_commit("s", 2, entities=removals)])
            assert await texts_of(store, "s") == {"b": "1"}

    async def test_an_entity_can_come_back_after_its_tombstone(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", entities=[note("a", "1")])])
            await store.commit([notes_commit("s", 2, entities=[note_removed("a")])])
            again = note("a", "3", created=3, changed=3)
            await store.commit([notes_commit("s", 3, entities=[again])])
            assert await store.timeline("s") == [again]

    async def test_what_made_a_timeline_is_kept_until_told_otherwise(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s")])
            assert (await store.cursors("s")).projections is None
            names: tuple[str, ...]
            for names in (("first", 'a "second", ü'), ()):
                await store.commit([replace(still_commit("s", 1), projections=names)])
                await store.commit([still_commit("s", 1)])
                assert (await store.cursors("s")).projections == names

    async def test_sessions_do_not_see_each_others_entities(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            one = notes_commit("one", entities=[note("a", "1")])
            two = notes_commit("two", entities=[note("a", "2")])
            await store.commit([one, two])
            assert await texts_of(store, "one") == {"a": "1"}
            await store.commit([notes_commit("one", 2, entities=[note_removed("a")])])
            assert await texts_of(store, "two") == {"a": "2"}

    async def test_a_replaced_timeline_is_what_the_commit_holds(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            before = [note("a", "1"), note("b", "1")]
            await store.commit([notes_commit("s", entities=before)])
            after = [note("b", "2"), note("c", "2")]
            await store.commit([still_commit("s", 1, entities=after, replace_timeline=True)])
            assert await texts_of(store, "s") == {"b": "2", "c": "2"}
            assert await ordinals_of(store, "s") == [1]

    async def test_clearing_a_timeline_keeps_the_log(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            batch = [notes_commit(name, 1, 3, entities=[note("a", "1")]) for name in ("s", "other")]
            await store.commit(batch)
            before = await store.cursors("s")
            await store.clear_timeline("s")
            assert await store.timeline("s") == []
            assert await store.cursors("s") == replace(before, timeline=0)
            assert await ordinals_of(store, "s") == [1, 2, 3]
            assert await texts_of(store, "other") == {"a": "1"}

    async def test_clearing_an_unknown_timeline_does_nothing(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.clear_timeline("unknown")
            assert await store.sessions() == []

    async def test_an_entity_that_is_twice_in_a_commit_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(StoreError, "'a'", "'s'"):
                await store.commit(
                    [notes_commit("s", entities=[note("a", "1"), note_removed("a")])]
                )
            assert await store.sessions() == []

    async def test_an_entity_without_payload_or_tombstone_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(StoreError, "'a'", "'s'"):
                await store.commit(
                    [notes_commit("s", entities=[TimelineEntity(kind=NOTE, id="a")])]
                )
            assert await store.sessions() == []

    async def test_ids_are_any_unicode(self, tmp_path: Path) -> None:
        ids = ["a", "a\0", "\0", "A", "a ", "ä", "a\u0308", "'; --", "%", "\uffff", "😀", "‮x"]
        async with self.opened(tmp_path) as store:
            entities = [note(text, text) for text in ids]
            await store.commit([notes_commit("s", entities=entities)])
            assert await texts_of(store, "s") == {text: text for text in ids}

    async def test_an_id_or_a_name_that_is_no_unicode_is_refused(self, tmp_path: Path) -> None:
        """A lone surrogate fits into a Python string, but into no file and no frame."""
        async with self.opened(tmp_path) as store:
            with refused(StoreError, r"'\ud800'", "surrogate"):
                await store.commit([notes_commit("s", entities=[note("\ud800", "1")])])
            misnamed = replace(note_added("s", 1), name="\ud800")
            with refused(StoreError, r"'\ud800'", "surrogate"):
                await store.commit([replace(notes_commit("s"), events=[misnamed])])
            assert await store.sessions() == []


class ErrorRules(StoreBackend):
    """Error records are kept once per session, source, ordinal and name."""

    async def test_an_error_record_comes_back_equal(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            record = failure("s", 2**63 - 1, message="naïve\0", occurred_at=1_700_000_000.123456)
            await store.commit([still_commit("s", 0, errors=[record])])
            assert await store.errors("s") == [record]

    async def test_the_same_failure_again_adds_up_attempts_and_keeps_the_newest_text(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            first = failure("s", 1, message="first", occurred_at=1.0)
            second = replace(first, message="second", occurred_at=2.0, attempts=3)
            await store.commit([notes_commit("s", errors=[first])])
            await store.commit([still_commit("s", 1, errors=[second])])
            assert await store.errors("s") == [replace(second, attempts=4)]

    async def test_failures_of_other_events_sources_and_names_stay_apart(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            records = [
                failure("s", 1, occurred_at=1.0),
                failure("s", 1, occurred_at=2.0, source=ErrorSource.UI_PROJECTION),
                failure("s", 2, occurred_at=3.0),
                replace(failure("s", 2, occurred_at=4.0), name="another"),
            ]
            await store.commit([notes_commit("s", 1, 2, errors=records)])
            await store.commit([still_commit("other", 0, errors=[failure("other", 1)])])
            assert await store.errors("s") == records[::-1]

    async def test_the_newest_come_first_up_to_a_limit(self, tmp_path: Path) -> None:
        """Of the same moment, the later event's comes first."""
        async with self.opened(tmp_path) as store:
            moments = ((1, 5.0), (2, 9.0), (3, 7.0), (4, 7.0))
            records = [failure("s", ordinal, occurred_at=moment) for ordinal, moment in moments]
            await store.commit([still_commit("s", 0, errors=records)])
            assert [record.ordinal for record in await store.errors("s", limit=3)] == [2, 4, 3]
            assert await store.errors("s", limit=0) == []

    async def test_no_text_of_an_exception_can_make_a_commit_fail(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            record = failure("s", 1, message="bad name: \udcff")
            await store.commit([still_commit("s", 0, errors=[record])])
            [stored] = await store.errors("s")
            assert stored.message.startswith("bad name: ")
