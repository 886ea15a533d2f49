"""Memory of a server with very many sessions on disk, few of them in use."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.runtime.application import publish, registry, sqlite_hub
from benchmarks.runtime.conversation import Step, answer, question
from benchmarks.runtime.filling import fill
from benchmarks.runtime.measures import OURS, Figure, at_most, references
from benchmarks.runtime.rounds import Bench, Measure, remove
from sessionstream.hydration.sqlite import SQLiteStore

ROOT = Path(__file__).parents[2]
# What each session holds: a question, and an answer that goes on.
HISTORY = (question(0), *islice(answer(0, 5), 6))
# What each active session publishes meanwhile.
NEWS: Sequence[Step] = tuple(islice(answer(0, 5), 1, 6))


async def resident_memory(bench: Bench) -> list[Figure]:
    """Megabytes that stay resident after a part of the sessions was active.

    Each round is a process of its own: it opens the file, publishes into the
    active sessions, all at once, and says how much memory it holds. The
    reference has a file with nothing but the active sessions.
    """
    stored, active = bench.scale.stored_sessions, bench.scale.active_sessions
    large, small = await _filled(bench, stored), await _filled(bench, active)
    found = await bench.interleaved(
        {
            OURS: _in_child(large, stored, active),
            f"{active:,} sessions on disk": _in_child(small, active, active),
        }
    )
    remove(large)
    return [
        Figure(
            name="resident",
            title=f"memory, {stored:,} sessions, {active:,} active",
            unit="MB",
            ours=found[OURS][0],
            references=references(found),
            target=at_most(150),
        )
    ]


async def _filled(bench: Bench, sessions: int) -> Path:
    database = bench.new_file()
    async with SQLiteStore.open(database, registry(), durability="normal") as store:
        await fill(store, [_name(number) for number in range(sessions)], HISTORY)
    return database


def _name(number: int) -> str:
    return f"session-{number:08d}"


def _in_child(database: Path, stored: int, active: int) -> Measure:
    numbers = [str(database), str(stored), str(active)]

    async def measure() -> tuple[float, ...]:
        command = [sys.executable, "-m", "benchmarks.runtime.resident", *numbers]
        done = subprocess.run(  # noqa: ASYNC221 nothing else runs meanwhile, on purpose
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        return (float(done.stdout),)

    return measure


async def serve(database: Path, stored: int, active: int) -> float:
    """Publishes into so many of the stored sessions; returns the resident memory in MB."""
    names = [_name(number) for number in range(0, stored, stored // active)]
    async with sqlite_hub(database) as hub:
        await asyncio.gather(*(publish(hub, name, NEWS) for name in names))
        return _resident()


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


if __name__ == "__main__":
    print(asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
