"""The contract of what outlives a store that was closed."""
# Names state the rules; a docstring gives a reason where there is more to say.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sessionstream.hydration.base import BaseTimeline, CommandRecord, CommandStatus, Retention
from sessionstream.schema import SchemaRegistry
from sessionstream.testing.stores.backend import StoreBackend, ordinals_of, shown_of
from sessionstream.testing.stores.lifetime import SESSIONS, close_while_committing
from sessionstream.testing.stores.samples import (
    NOTE,
    NOTE_ADDED,
    NOTE_SHOWN,
    failure,
    note,
    notes_commit,
    ran,
    shown,
    shown_commit,
)
from sessionstream.types import UnreadableEntity, UnreadableEvent


def ended(command_id: str) -> CommandRecord:
    """Returns the record of a command that has ended."""
    return ran(command_id, CommandStatus.COMPLETED)


class ReopeningRules(StoreBackend):
    """What a durable store kept outlives it."""

    async def test_commits_that_returned_while_it_closed_are_stored_and_no_others(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            outcomes = await close_while_committing(store, SESSIONS)
        kept = [name for name, outcome in zip(SESSIONS, outcomes, strict=True) if outcome is None]
        async with self.opened(tmp_path) as store:
            assert await store.sessions() == kept

    async def test_a_store_that_is_opened_again_holds_what_was_committed(
        self, tmp_path: Path
    ) -> None:
        entity, error = note("a", "kept"), failure("s", 2)
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 2, entities=[entity], errors=[error])])
            events, cursors = await store.events("s"), await store.cursors("s")
        async with self.opened(tmp_path) as store:
            assert await store.events("s") == events
            assert await store.cursors("s") == cursors
            assert await store.timeline("s") == [entity]
            assert await store.errors("s") == [error]
            await store.commit([notes_commit("s", 3)])
            assert await ordinals_of(store, "s") == [1, 2, 3]

    async def test_ui_events_and_commands_outlive_the_store_and_go_on(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            batches = [shown("s", 1, 0, "a", "b"), shown("s", 2, 1)]
            commit = shown_commit("s", 1, *batches, last=2)
            await store.commit([replace(commit, commands=[ran("c")])])
            kept, cursors = await store.ui_batches("s"), await store.cursors("s")
        async with self.opened(tmp_path) as store:
            assert await store.ui_batches("s") == kept
            assert await store.command("s", "c") == ran("c")
            assert await store.cursors("s") == cursors
            await store.commit([shown_commit("s", 3, shown("s", 3, 2))])
            assert await shown_of(store, "s") == [1, 2, 3]

    async def test_limits_hold_for_what_was_kept_before_they_were_given(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            batches = [shown("s", each, each - 1) for each in range(1, 10)]
            commit = shown_commit("s", 1, *batches, last=9)
            await store.commit([replace(commit, commands=[ended(f"c{each}") for each in range(9)])])
        retention = Retention(ui_batches=4, commands=4)
        async with self.opened(tmp_path, retention=retention) as store:
            commit = shown_commit("s", 10, shown("s", 10, 9))
            await store.commit([replace(commit, commands=[ended("c9")])])
            known = [each for each in range(10) if await store.command("s", f"c{each}")]
            assert await shown_of(store, "s") in ([7, 8, 9, 10], [6, 7, 8, 9, 10])
            assert known in ([6, 7, 8, 9], [5, 6, 7, 8, 9])
        async with self.opened(tmp_path, retention=Retention(ui_batches=0, commands=0)) as store:
            assert await shown_of(store, "s") == []
            assert await store.command("s", "c9") is None

    async def test_ui_events_that_are_not_registered_any_more_say_so(self, tmp_path: Path) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([shown_commit("s", 1, shown("s", 1), shown("s", 2, 1), last=2)])
        async with self.open_store(tmp_path, SchemaRegistry()) as store:
            batches = await store.ui_batches("s")
        assert [(batch.ordinal, batch.events) for batch in batches] == [(1, ()), (2, ())]
        assert all(NOTE_SHOWN in batch.unreadable for batch in batches)

    async def test_what_is_not_registered_any_more_is_told_in_its_place(
        self, tmp_path: Path
    ) -> None:
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 2, entities=[note("a", "kept")])])
        async with self.open_store(tmp_path, SchemaRegistry()) as store:
            events, [entity] = await store.events("s"), await store.timeline("s")
        assert all(isinstance(event, UnreadableEvent) for event in events)
        assert [event.ordinal for event in events] == [1, 2]
        assert {event.name for event in events} == {NOTE_ADDED}
        assert isinstance(entity, UnreadableEntity)
        assert (entity.kind, entity.id) == (NOTE, "a")

    async def test_what_was_closed_compacted_and_resolved_stays_so(self, tmp_path: Path) -> None:
        error = failure("s", 2)
        async with self.opened(tmp_path) as store:
            await store.commit([notes_commit("s", 1, 3, errors=[error])])
            await store.compact("s", 2, [note("a", "2")])
            await store.close_session("s", 5.0)
            await store.resolve_errors([error], 6.0)
        async with self.opened(tmp_path) as store:
            assert await store.closed_sessions(closed_before=5.5) == ["s"]
            assert await store.errors("s", resolved=True) == [replace(error, resolved_at=6.0)]
            assert await store.base_timeline("s") == BaseTimeline(2, (note("a", "2"),))
            assert await ordinals_of(store, "s") == [3]
