"""The contract of how long UI events and command records are kept."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from sessionstream.hydration.base import CommandStatus, HydrationStore, Retention
from sessionstream.testing.stores.backend import StoreBackend, shown_of
from sessionstream.testing.stores.samples import notes_commit, ran, shown, shown_commit

_EVERYTHING = Retention(
    ui_batches=10**9,
    ui_seconds=math.inf,
    ui_bytes=2**60,
    commands=10**9,
    command_seconds=math.inf,
)
_ENDED = CommandStatus.COMPLETED
_BY_COUNT = replace(_EVERYTHING, ui_batches=8, commands=8)
_BY_AGE = replace(_EVERYTHING, ui_seconds=100.0, command_seconds=100.0)


class _Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


async def show(
    store: HydrationStore, first: int, last: int = 0, text: str = "", session_id: str = "s"
) -> None:
    """Commits the events ``first`` to ``last``, one by one, each with a UI event and a command."""
    for ordinal in range(first, max(first, last) + 1):
        batch = shown(session_id, ordinal, ordinal - 1, text or f"shown {ordinal}")
        commit = shown_commit(session_id, ordinal, batch)
        await store.commit([replace(commit, commands=[ran(f"c{ordinal}", _ENDED, ordinal)])])


async def commands_of(store: HydrationStore, last: int) -> list[int]:
    """Returns which of the commands 1 to ``last`` are known."""
    return [each for each in range(1, last + 1) if await store.command("s", f"c{each}")]


class KeepingRules(StoreBackend):
    """What only returning clients need is kept within limits; the newest of it."""

    async def test_without_a_limit_everything_is_kept(self, tmp_path: Path) -> None:
        clock = _Clock()
        async with self.opened(tmp_path, retention=_EVERYTHING, clock=clock) as store:
            for ordinal in range(1, 30):
                await show(store, ordinal)
                clock.now += 10**6
            assert await shown_of(store, "s") == [*range(1, 30)]
            assert await commands_of(store, 29) == [*range(1, 30)]

    async def test_beyond_their_number_the_oldest_go_a_quarter_at_a_time(
        self, tmp_path: Path
    ) -> None:
        """So that most commits have nothing to remove."""
        async with self.opened(tmp_path, retention=_BY_COUNT) as store:
            await show(store, 1, 10)
            assert await shown_of(store, "s") == [*range(1, 11)]
            assert await commands_of(store, 10) == [*range(1, 11)]
            await show(store, 11)
            assert await shown_of(store, "s") == [*range(4, 12)]
            assert await commands_of(store, 11) == [*range(4, 12)]
            await show(store, 12, 13)
            assert await shown_of(store, "s") == [*range(4, 14)]

    async def test_a_command_that_runs_stays_whatever_ends_meanwhile(self, tmp_path: Path) -> None:
        """Sent again, it would be run twice. One that nobody ends goes by its age."""
        clock = _Clock()
        retention = replace(_BY_COUNT, command_seconds=100.0)
        async with self.opened(tmp_path, retention=retention, clock=clock) as store:
            commit = shown_commit("s", 1, shown("s", 1))
            await store.commit([replace(commit, commands=[ran("long")])])
            await show(store, 2, 40)
            found = await store.command("s", "long")
            assert found is not None
            assert found.status is CommandStatus.ACCEPTED
            assert await commands_of(store, 30) == []
            assert 40 in await commands_of(store, 40)
            clock.now += 126
            await show(store, 41)
            clock.now -= 126
            assert await store.command("s", "long") is None

    async def test_many_at_once_are_cut_to_the_limit(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path, retention=_BY_COUNT) as store:
            batches = [shown("s", each, each - 1, "a", "b") for each in range(1, 31)]
            await store.commit([shown_commit("s", 1, *batches, last=30)])
            assert await shown_of(store, "s") == [*range(23, 31)]

    async def test_what_is_too_old_is_not_read(self, tmp_path: Path) -> None:
        clock = _Clock()
        async with self.opened(tmp_path, retention=_BY_AGE, clock=clock) as store:
            await show(store, 1)
            clock.now += 60
            await show(store, 2)
            clock.now += 41
            assert await shown_of(store, "s") == await commands_of(store, 2) == [2]
            [batch] = await store.ui_batches("s")
            assert batch.previous_ordinal == 1
            clock.now += 60
            assert await shown_of(store, "s") == await commands_of(store, 2) == []
            assert (await store.cursors("s")).shown == 2

    async def test_what_is_too_old_goes_and_the_rest_stays(self, tmp_path: Path) -> None:
        """Told from a clock that is put back afterwards, before which nothing is too old."""
        clock = _Clock()
        async with self.opened(tmp_path, retention=_BY_AGE, clock=clock) as store:
            await show(store, 1, 3)
            clock.now += 60
            await show(store, 4)
            clock.now += 70
            await show(store, 5)
            clock.now -= 130
            assert await shown_of(store, "s") == await commands_of(store, 5) == [4, 5]

    async def test_a_clock_that_goes_back_removes_nothing_and_keeps_the_order(
        self, tmp_path: Path
    ) -> None:
        """What came last is not taken for the oldest, though its time is."""
        clock = _Clock()
        retention = replace(_BY_AGE, ui_batches=4, commands=4)
        async with self.opened(tmp_path, retention=retention, clock=clock) as store:
            await show(store, 1, 3)
            clock.now -= 10**9
            await show(store, 4, 5)
            assert await shown_of(store, "s") == await commands_of(store, 5) == [1, 2, 3, 4, 5]
            await show(store, 6)
            assert await shown_of(store, "s") == await commands_of(store, 6) == [3, 4, 5, 6]
            clock.now += 10**9
            await show(store, 7)
            assert await shown_of(store, "s") == [3, 4, 5, 6, 7]

    async def test_the_bytes_of_ui_events_have_a_limit(self, tmp_path: Path) -> None:
        retention = replace(_EVERYTHING, ui_bytes=1000)
        async with self.opened(tmp_path, retention=retention) as store:
            text = "x" * 97  # a hundred bytes with its tag and length, or one less
            await show(store, 1, 12, text)
            assert await shown_of(store, "s") == [*range(1, 13)]
            await show(store, 13, text=text)
            assert await shown_of(store, "s") == [*range(4, 14)]

    async def test_what_a_too_large_batch_removed_counts_no_more(self, tmp_path: Path) -> None:
        retention = replace(_BY_COUNT, ui_bytes=1000)
        async with self.opened(tmp_path, retention=retention) as store:
            await show(store, 1, 8)
            await show(store, 9, text="x" * 2000)
            await show(store, 10, 17)
            assert await shown_of(store, "s") == [*range(10, 18)]

    async def test_a_batch_larger_than_all_that_is_kept_leaves_a_gap_that_shows(
        self, tmp_path: Path
    ) -> None:
        retention = replace(_EVERYTHING, ui_bytes=1000)
        async with self.opened(tmp_path, retention=retention) as store:
            await show(store, 1, 2)
            await store.commit([shown_commit("s", 3, shown("s", 3, 2, "x" * 600, "x" * 600))])
            assert await shown_of(store, "s") == []
            assert (await store.cursors("s")).shown == 3
            await show(store, 4)
            [batch] = await store.ui_batches("s")
            assert (batch.ordinal, batch.previous_ordinal) == (4, 3)

    async def test_a_large_batch_among_others_of_its_commit_hides_those_before_it(
        self, tmp_path: Path
    ) -> None:
        retention = replace(_EVERYTHING, ui_bytes=1000)
        async with self.opened(tmp_path, retention=retention) as store:
            await show(store, 1)
            texts = ["small", "x" * 2000, "small", "small"]
            batches = [shown("s", each, each - 1, text) for each, text in enumerate(texts, 2)]
            await store.commit([shown_commit("s", 2, *batches, last=5)])
            assert await shown_of(store, "s") == [4, 5]

    async def test_a_limit_of_zero_keeps_nothing(self, tmp_path: Path) -> None:
        limits = (
            replace(_EVERYTHING, ui_batches=0, commands=0),
            replace(_EVERYTHING, ui_seconds=0, command_seconds=0),
            replace(_EVERYTHING, ui_bytes=0, commands=0),
        )
        for number, retention in enumerate(limits):
            directory = tmp_path / str(number)
            directory.mkdir()
            async with self.opened(directory, retention=retention) as store:
                await show(store, 1, 3)
                assert await shown_of(store, "s") == await commands_of(store, 3) == []
                assert (await store.cursors("s")).shown == 3

    async def test_a_record_that_is_replaced_counts_once_and_as_new(self, tmp_path: Path) -> None:
        clock = _Clock()
        retention = replace(_BY_AGE, commands=2)
        async with self.opened(tmp_path, retention=retention, clock=clock) as store:
            done = ran("c1", _ENDED)
            first = [ran("c1", CommandStatus.FAILED), ran("c2", _ENDED)]
            await store.commit([replace(notes_commit("s"), commands=first)])
            clock.now += 60
            for ordinal in range(2, 8):
                await store.commit([replace(notes_commit("s", ordinal), commands=[done])])
            assert await commands_of(store, 2) == [1, 2]
            clock.now += 60
            assert await commands_of(store, 2) == [1]
            clock.now -= 60
            await store.commit([replace(notes_commit("s", 8), commands=[ran("c3", _ENDED)])])
            assert await commands_of(store, 3) == [1, 3]

    async def test_what_an_idle_session_keeps_goes_with_the_commits_of_others(
        self, tmp_path: Path
    ) -> None:
        """Told from a clock that is put back afterwards, before which nothing is too old."""
        clock = _Clock()
        async with self.opened(tmp_path, retention=_BY_AGE, clock=clock) as store:
            await show(store, 1, 3)
            clock.now += 200
            await show(store, 1, session_id="other")
            clock.now += 200
            await show(store, 2, session_id="other")
            clock.now -= 400
            assert await shown_of(store, "s") == await commands_of(store, 3) == []
            assert (await store.cursors("s")).shown == 3
            await show(store, 4)
            assert await shown_of(store, "s") == [4]

    async def test_all_idle_sessions_have_their_turn(self, tmp_path: Path) -> None:
        """However many there are: nobody looks at all of them at once."""
        clock = _Clock()
        names = [f"idle {number}" for number in range(250)]
        async with self.opened(tmp_path, retention=_BY_AGE, clock=clock) as store:
            await store.commit([shown_commit(name, 1, shown(name, 1)) for name in names])
            clock.now += 200
            for ordinal in range(1, 11):
                await show(store, ordinal)
                clock.now += 1
            clock.now -= 210
            assert [name for name in names if await shown_of(store, name)] == []
            assert await shown_of(store, "s") == [*range(1, 11)]
