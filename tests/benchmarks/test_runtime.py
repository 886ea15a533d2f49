"""The runtime's benchmark in its quick form, so that it does not rot; no value is asserted."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.runtime import results
from benchmarks.runtime.application import hub_over, memory_hub, publish
from benchmarks.runtime.conversation import Step, conversation
from benchmarks.runtime.filling import fill
from benchmarks.runtime.plain_sqlite import ONE_COMMIT, THREE_COMMITS, Transactions, rows, write
from sessionstream import Hub, Snapshot
from sessionstream.hydration.memory import MemoryStore
from tests.codegen.golden_trees import REPOSITORY, run

FIGURES = {
    "many-sessions",
    "one-session",
    "normal-one",
    "normal-many",
    "memory",
    "entities",
    "snapshot-first",
    "snapshot-cached",
    "answer-time",
    "answer-written",
    "answer-file",
    "latency",
    "resident",
    "codec-encode",
    "codec-decode",
}
# Two answers, the second one unfinished.
STEPS = conversation(30)


async def published(hub: Hub, steps: Sequence[Step]) -> Snapshot:
    await publish(hub, "session", steps)
    return await hub.snapshot("session")


class TestTheQuickForm:
    def test_produces_every_figure_with_a_target_and_positive_values(self, tmp_path: Path) -> None:
        command = (sys.executable, "-m", "benchmarks.runtime", "--quick", "--out", tmp_path)
        done = run(*command, cwd=REPOSITORY)
        assert done.returncode == 0, done.stderr
        figures = results.load((tmp_path / "runtime.json").read_text()).figures
        chart = (tmp_path / "runtime.svg").read_text()
        assert {figure.name for figure in figures} == FIGURES
        for figure in figures:
            assert figure.target is not None
            series = [figure.ours, *(reference.series for reference in figure.references)]
            assert len(series) > 1, f"{figure.name} has no reference"
            assert all(value > 0 for one in series for value in one.values), figure
            assert figure.title in done.stdout
            assert figure.title in chart


class TestTheConversation:
    async def test_foretells_the_message_that_each_event_leaves(self) -> None:
        async with memory_hub() as hub:
            for count, step in enumerate(STEPS, start=1):
                found = await published(hub, [step])
                assert found.snapshot_ordinal == count
                assert step.message in [entity.payload for entity in found.entities]

    async def test_is_the_same_when_a_store_is_filled_with_it(self) -> None:
        async with memory_hub() as hub:
            expected = await published(hub, STEPS)
        async with MemoryStore() as store:
            await fill(store, ["session"], STEPS)
            async with hub_over(store) as hub:
                assert await hub.snapshot("session") == expected
                assert await hub.event_cursor("session") == len(STEPS)


class TestThePlainLoop:
    @pytest.mark.parametrize("transactions", [ONE_COMMIT, THREE_COMMITS])
    async def test_stores_the_bytes_that_the_hub_stores(
        self, tmp_path: Path, transactions: Transactions
    ) -> None:
        async with MemoryStore() as store:
            async with hub_over(store) as hub:
                await publish(hub, "session", STEPS)
            events = await store.events("session")
            entities = await store.timeline("session")
        database = tmp_path / "plain.db"
        taken = write(database, rows(STEPS), transactions)
        assert len(taken) == len(STEPS)
        with closing(sqlite3.connect(database)) as db:
            log = db.execute("SELECT ordinal, name, payload FROM events ORDER BY ordinal")
            timeline = db.execute("SELECT id, payload FROM entities")
            assert log.fetchall() == [
                (one.ordinal, one.name, one.payload.SerializeToString(deterministic=True))
                for one in events
            ]
            assert dict(timeline) == {
                one.id: one.payload.SerializeToString(deterministic=True)
                for one in entities
                if one.payload is not None
            }
            assert db.execute("SELECT head FROM sessions").fetchall() == [(len(STEPS),)]

    def test_keeps_sessions_apart(self) -> None:
        todo = rows(STEPS, sessions=3)
        assert len(todo) == 3 * len(STEPS)
        assert len({(row["session"], row["ordinal"]) for row in todo}) == len(todo)
