"""The contract of a store's dead letters: error records that are listed and resolved."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.errors import SessionIdError, StoreError
from sessionstream.hydration.base import HydrationStore, Passed
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.testing.stores.backend import StoreBackend, refused
from sessionstream.testing.stores.samples import failure, notes_commit, still_commit


async def _store_all(store: HydrationStore, *records: ErrorRecord) -> None:
    for record in records:
        await store.commit([still_commit(record.session_id, 0, errors=[record])])


def _passed(first: int, last: int, *, at: float) -> Passed:
    return Passed(source=ErrorSource.TIMELINE_PROJECTION, first=first, last=last, at=at)


class DeadLetterRules(StoreBackend):
    """Error records of all sessions are found, marked as resolved, and open again."""

    async def test_the_records_of_all_sessions_are_listed_together(self, tmp_path: Path) -> None:
        records = [failure("b", 1, occurred_at=1.0), failure("a", 1, occurred_at=2.0)]
        async with self.opened(tmp_path) as store:
            await _store_all(store, *records)
            assert await store.errors() == records[::-1]
            assert await store.errors("a") == records[1:]
            assert await store.errors("unknown") == []

    async def test_records_are_found_by_source(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            records = {source: failure("s", 1, source=source) for source in ErrorSource}
            await _store_all(store, *records.values())
            for source, record in records.items():
                assert await store.errors(source=source) == [record]
                assert await store.errors("other", source=source) == []

    async def test_records_are_found_by_time_the_beginning_included(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            records = [failure("s", number, occurred_at=float(number)) for number in range(1, 6)]
            await _store_all(store, *records)
            for since, until, found in (
                (2.0, 4.0, [3, 2]),
                (4.0, None, [5, 4]),
                (None, 2.0, [1]),
                (6.0, None, []),
            ):
                listed = await store.errors("s", since=since, until=until)
                assert [record.ordinal for record in listed] == found

    async def test_pages_hold_every_record_once_also_of_one_moment(self, tmp_path: Path) -> None:
        """No two records stand at the same place, whatever they have in common."""
        base = failure("s", 1)
        records = [
            base,
            replace(base, ordinal=2),
            replace(base, source=ErrorSource.UI_PROJECTION),
            replace(base, session_id="t"),
            replace(base, name="another"),
            replace(base, occurred_at=9.0, ordinal=3),
        ]
        async with self.opened(tmp_path) as store:
            await _store_all(store, *records)
            everything = await store.errors()
            listed: list[ErrorRecord] = []
            while page := await store.errors(None, 2, after=listed[-1] if listed else None):
                listed += page
            assert listed == everything
            assert len(set(listed)) == len(records)

    async def test_a_resolved_record_is_kept_and_no_longer_listed(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            first, second = failure("s", 1, occurred_at=1.0), failure("s", 2, occurred_at=2.0)
            await _store_all(store, first, second)
            assert await store.resolve_errors([first], 7.25) == 1
            resolved = replace(first, resolved_at=7.25)
            assert await store.errors("s") == [second]
            assert await store.errors("s", resolved=True) == [resolved]
            assert await store.errors("s", resolved=None) == [second, resolved]

    async def test_a_record_that_fails_again_is_open_again(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await _store_all(store, failure("s", 1))
            await store.resolve_errors([failure("s", 1)], 7.0)
            again = failure("s", 1, message="still", occurred_at=8.0)
            await _store_all(store, again)
            assert await store.errors("s") == [replace(again, attempts=2)]

    async def test_a_record_that_failed_again_meanwhile_stays_open(self, tmp_path: Path) -> None:
        """Whoever resolves it has not seen that."""
        async with self.opened(tmp_path) as store:
            await _store_all(store, failure("s", 1))
            [seen] = await store.errors("s")
            await _store_all(store, failure("s", 1))
            assert await store.resolve_errors([seen], 7.0) == 0
            assert len(await store.errors("s")) == 1

    async def test_resolving_what_is_resolved_or_unknown_changes_nothing(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            await _store_all(store, failure("s", 1))
            await store.resolve_errors([failure("s", 1)], 7.0)
            unknown = [failure("s", 1), failure("s", 2), failure("t", 1)]
            assert await store.resolve_errors(unknown, 8.0) == 0
            assert await store.resolve_errors([], 8.0) == 0
            [record] = await store.errors("s", resolved=True)
            assert record.resolved_at == 7.0

    async def test_of_the_resolved_records_of_a_session_the_last_hundred_stay(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            records = [failure("s", number) for number in range(1, 121)]
            other = failure("other", 1)
            await store.commit([still_commit("s", 0, errors=records)])
            await _store_all(store, other)
            await store.resolve_errors([other], 1.0)
            for index, record in enumerate(records[:110]):
                await store.resolve_errors([record], float(index))
            kept = await store.errors("s", 1000, resolved=True)
            assert {record.ordinal for record in kept} == set(range(11, 111))
            assert len(await store.errors("s")) == 10
            assert len(await store.errors("other", resolved=True)) == 1

    async def test_a_commit_resolves_what_it_says_is_over(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            over = [failure("s", 2), failure("s", 3)]
            others = [
                failure("s", 1),
                failure("s", 4),
                failure("s", 2, source=ErrorSource.UI_PROJECTION),
                failure("t", 2),
            ]
            await _store_all(store, *over, *others)
            await store.commit([still_commit("s", 0, passed=[_passed(2, 3, at=7.5)])])
            assert await store.errors(resolved=True) == [
                replace(record, resolved_at=7.5) for record in reversed(over)
            ]
            assert len(await store.errors()) == len(others)

    async def test_what_a_commit_resolves_stays_as_it_was_resolved_before(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            await _store_all(store, failure("s", 1))
            await store.resolve_errors([failure("s", 1)], 7.0)
            await store.commit([still_commit("s", 0, passed=[_passed(1, 1, at=8.0)])])
            [record] = await store.errors("s", resolved=True)
            assert record.resolved_at == 7.0

    async def test_a_commit_resolves_records_of_its_own_too(self, tmp_path: Path) -> None:
        """What failed may have passed when it was tried once more, in the same transaction."""
        async with self.opened(tmp_path) as store:
            errors = [failure("s", 1)]
            await store.commit(
                [still_commit("s", 0, errors=errors, passed=[_passed(1, 1, at=7.0)])]
            )
            assert await store.errors("s", resolved=True) == [replace(errors[0], resolved_at=7.0)]

    async def test_of_what_commits_resolve_the_last_hundred_stay(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            errors = [failure("s", number) for number in range(1, 111)]
            await store.commit([still_commit("s", 0, errors=errors)])
            await store.commit([still_commit("s", 0, passed=[_passed(1, 110, at=7.0)])])
            assert len(await store.errors("s", 1000, resolved=True)) == 100
            assert await store.errors("s") == []

    async def test_a_deleted_session_leaves_no_records(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", errors=[failure("s", 1)])])
            await store.delete_session("s")
            assert await store.errors(resolved=None) == []

    async def test_an_unusable_query_is_refused(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            with refused(SessionIdError):
                await store.errors("")
            with refused(StoreError, "-1"):
                await store.errors(None, -1)
