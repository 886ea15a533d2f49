"""P8, counted in statements and entities: time says more about the machine."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from sessionstream import Hub, WriteBehind
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, make_registry, say, text

EVENTS = 20


async def cost(path: Path, *, entities: int, idle: int) -> tuple[Counter[str], int]:
    """The statements that some publishes run, and how many entities they store."""
    registry = make_registry()
    statements: Counter[str] = Counter()
    async with SQLiteStore.open(path, registry, durability="normal") as store:
        gated = GatedStore(store)
        behind = WriteBehind(events=0)  # entities are stored with every event
        async with Hub(registry, store=gated, write_behind=behind) as hub:
            hub.register_timeline_projection(Lines())
            await hub.publish_all("s", [("Said", text(f"{n}=x")) for n in range(entities)])
            for number in range(idle):
                await say(hub, "a=1", f"idle {number}")
            gated.batches.clear()

            def trace(db: sqlite3.Connection) -> None:
                db.set_trace_callback(lambda sql: statements.update([sql.split()[0]]))

            for thread in (store._file.writer, *store._file.readers._threads):
                await thread.run(trace)
            for number in range(EVENTS):
                await say(hub, f"0={number}")
            written = sum(len(commit.entities) for batch in gated.batches for commit in batch)
    return statements, written


@pytest.mark.parametrize(("entities", "idle"), [(2000, 0), (1, 200)])
async def test_p8_publishing_costs_the_same_with_many_entities_and_with_many_idle_sessions(
    tmp_path: Path, entities: int, idle: int
) -> None:
    alone = await cost(tmp_path / "alone.db", entities=1, idle=0)
    among_many = await cost(tmp_path / "many.db", entities=entities, idle=idle)
    assert alone[0]["INSERT"] >= EVENTS
    assert alone[1] == EVENTS
    assert alone == among_many
