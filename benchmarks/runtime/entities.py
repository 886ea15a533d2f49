"""What the size of a session costs: its publishes, and its snapshot."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from chatdemo.v1 import chat_pb2 as pb

from benchmarks.runtime.application import IN_MEMORY, hub_over, publish, registry, sqlite_hub
from benchmarks.runtime.conversation import question
from benchmarks.runtime.filling import fill
from benchmarks.runtime.measures import OURS, Figure, at_most, references, times
from benchmarks.runtime.rounds import Bench, Measure, remove
from sessionstream import Hub
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore

SESSION = "session"
# Publishers of the one session. With a single one the disk's flush would hide
# what the session's size costs.
PUBLISHERS = 64


async def flat_cost(bench: Bench) -> list[Figure]:
    """Durable events/s in a session with very many entities, against one with a single one.

    Each event replaces the same entity in both.
    """
    many = await _filled(bench, bench.scale.entities)
    single = await _filled(bench, 1)
    found = await bench.interleaved(
        {OURS: _rate(bench, many), "1 entity in the session": _rate(bench, single)}
    )
    return [
        Figure(
            name="entities",
            title=f"{bench.scale.entities:,} entities in the session",
            unit="events/s",
            ours=found[OURS][0],
            references=references(found),
            target=times(0.9),
        )
    ]


async def snapshot(bench: Bench) -> list[Figure]:
    """Milliseconds of a session's snapshot: the first after a start, and one after that.

    The plain loop reads the same rows and parses them into messages.
    """
    count = bench.scale.entities
    database = await _filled(bench, count)
    found = await bench.interleaved(
        {
            OURS: lambda: _snapshots_on_disk(database, count),
            IN_MEMORY: lambda: _snapshots_in_memory(count),
            "sqlite3, rows parsed": lambda: _plain_read(database, count),
        }
    )
    return [
        Figure(
            name=f"snapshot-{name}",
            title=f"snapshot of {count:,} entities, {name}",
            unit="ms",
            ours=found[OURS][column],
            references=references(found, column),
            target=at_most(limit),
        )
        for column, (name, limit) in enumerate([("first", 40), ("cached", 5)])
    ]


async def _filled(bench: Bench, entities: int) -> Path:
    database = bench.new_file()
    async with SQLiteStore.open(database, registry()) as store:
        await fill(store, [SESSION], [question(number) for number in range(entities)])
    return database


def _rate(bench: Bench, filled: Path) -> Measure:
    async def measure() -> tuple[float, ...]:
        database = bench.new_file()
        shutil.copy(filled, database)
        each = [question(0)] * max(1, bench.scale.entity_events // PUBLISHERS)
        async with sqlite_hub(database) as hub:
            await publish(hub, SESSION, each[:1])
            start = time.perf_counter()
            await asyncio.gather(*(publish(hub, SESSION, each) for _ in range(PUBLISHERS)))
            taken = time.perf_counter() - start
        remove(database)
        return (len(each) * PUBLISHERS / taken,)

    return measure


async def _snapshots_on_disk(database: Path, count: int) -> tuple[float, ...]:
    async with sqlite_hub(database) as hub:
        return await _snapshots(hub, count)


async def _snapshots_in_memory(count: int) -> tuple[float, ...]:
    async with MemoryStore() as store:
        await fill(store, [SESSION], [question(number) for number in range(count)])
        async with hub_over(store) as hub:
            return await _snapshots(hub, count)


async def _snapshots(hub: Hub, count: int) -> tuple[float, float]:
    return await _snapshot(hub, count), await _snapshot(hub, count)


async def _snapshot(hub: Hub, count: int) -> float:
    start = time.perf_counter()
    found = await hub.snapshot(SESSION)
    taken = time.perf_counter() - start
    assert len(found.entities) == count
    return taken * 1000


async def _plain_read(database: Path, count: int) -> tuple[float, ...]:
    start = time.perf_counter()
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute("SELECT kind, id, payload FROM entities").fetchall()
    parsed = [(kind, entity_id, pb.ChatMessage.FromString(data)) for kind, entity_id, data in rows]
    taken = time.perf_counter() - start
    assert len(parsed) == count
    return taken * 1000, taken * 1000  # it keeps nothing in memory: each time is the first
