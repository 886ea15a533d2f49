"""A streamed answer: an entity that grows with every event."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.runtime.application import publish, sqlite_hub
from benchmarks.runtime.conversation import CHUNK, Step, answer
from benchmarks.runtime.measures import OURS, Figure, at_most, references
from benchmarks.runtime.plain_sqlite import (
    LABELS,
    ONE_COMMIT,
    THREE_COMMITS,
    Transactions,
    rows,
    write,
)
from benchmarks.runtime.rounds import Bench, Measure, remove

_MEGABYTE = 1_000_000
_SESSION = "session"


@dataclass(frozen=True, slots=True)
class _Column:
    """One of the values that a round gives."""

    name: str
    title: str
    unit: str
    limit: float


_COLUMNS = (
    _Column("time", "time", "s", 1),
    _Column("written", "bytes written", "MB", 30),
    _Column("file", "file at the end", "MB", 1),
)


async def streamed_answer(bench: Bench) -> list[Figure]:
    """One answer of 40 KB in 2,000 deltas, each awaited: its time, and what the disk pays.

    Bytes written are those that the process gave to the disk until the file
    was closed; its size is taken after that. The plain loops write the answer
    so far with every delta, as the original does.
    """
    steps = list(answer(0, bench.scale.deltas))
    found = await bench.interleaved(
        {
            OURS: _streamed(bench, steps),
            LABELS[THREE_COMMITS]: _plain(bench, steps, THREE_COMMITS),
            LABELS[ONE_COMMIT]: _plain(bench, steps, ONE_COMMIT),
        }
    )
    size = bench.scale.deltas * len(CHUNK) // 1000
    return [
        Figure(
            name=f"answer-{column.name}",
            title=f"answer of {size} KB: {column.title}",
            unit=column.unit,
            ours=found[OURS][number],
            references=references(found, number),
            target=at_most(column.limit),
        )
        for number, column in enumerate(_COLUMNS)
    ]


def _streamed(bench: Bench, steps: Sequence[Step]) -> Measure:
    async def measure() -> tuple[float, ...]:
        database = bench.new_file()
        before = _bytes_written()
        async with sqlite_hub(database) as hub:
            await hub.snapshot(_SESSION)
            start = time.perf_counter()
            await publish(hub, _SESSION, steps)
            taken = time.perf_counter() - start
        return (taken, *_paid(database, before))

    return measure


def _plain(bench: Bench, steps: Sequence[Step], transactions: Transactions) -> Measure:
    todo = rows(steps)

    async def measure() -> tuple[float, ...]:
        database = bench.new_file()
        before = _bytes_written()
        taken = sum(write(database, todo, transactions))
        return (taken, *_paid(database, before))

    return measure


def _paid(database: Path, before: int) -> tuple[float, float]:
    """What was written since, and the size of the file, which is removed; in MB."""
    written = _bytes_written() - before
    size = database.stat().st_size
    remove(database)
    return written / _MEGABYTE, size / _MEGABYTE


def _bytes_written() -> int:
    """What this process has given to disks; one in memory, such as tmpfs, does not count."""
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(": ")
        if name == "write_bytes":
            return int(value)
    raise SystemExit("this kernel does not count what a process writes")
