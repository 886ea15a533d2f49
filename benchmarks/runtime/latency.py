"""How long a publish takes while the server is half busy."""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.runtime.application import publish, publish_at_once, sqlite_hub
from benchmarks.runtime.conversation import Step, conversation
from benchmarks.runtime.measures import OURS, Figure, at_most, references
from benchmarks.runtime.plain_sqlite import LABELS, ONE_COMMIT, rows, write
from benchmarks.runtime.rounds import Bench, remove
from sessionstream import Hub


async def latency(bench: Bench) -> list[Figure]:
    """The 99th percentile of a publish, in ms, at half of the highest rate.

    Each round first takes the highest rate, from as many sessions that publish
    as fast as they can. Then events arrive at random moments, on average half
    as many, whatever the server does, and each is measured from the moment at
    which it was due: what waits is not left out. By then every session has been
    read from the store, and what is in memory is left out of garbage
    collections, as it is in a server that has started. The reference is a
    commit of a plain loop, which has nobody to wait for.
    """
    scale = bench.scale
    todo = rows(conversation(scale.plain_events))

    async def plain() -> tuple[float, ...]:
        database = bench.new_file()
        taken = write(database, todo, ONE_COMMIT)
        remove(database)
        return (_percentile(taken),)

    async def ours() -> tuple[float, ...]:
        database = bench.new_file()
        rate = await _highest_rate(database, bench) / 2
        async with sqlite_hub(database) as hub:
            taken = await _open_loop(hub, bench, rate)
        remove(database)
        return _percentile(taken), rate

    found = await bench.interleaved({OURS: ours, LABELS[ONE_COMMIT]: plain})
    p99, rates = found[OURS]
    return [
        Figure(
            name="latency",
            title=f"p99 of publish at {rates.median:,.0f} events/s",
            unit="ms",
            ours=p99,
            references=references(found),
            target=at_most(20),
        )
    ]


async def _highest_rate(database: Path, bench: Bench) -> float:
    async with sqlite_hub(database) as hub:
        return await publish_at_once(hub, bench.scale.sessions, conversation(bench.scale.events))


async def _open_loop(hub: Hub, bench: Bench, rate: float) -> list[float]:
    """Publishes at the rate, into the sessions at random; returns the seconds of each."""
    dice = random.Random(99)
    sessions = [f"open-{number}" for number in range(bench.scale.sessions)]
    arrivals = max(20, round(rate * bench.scale.arrivals_seconds))
    steps = conversation(2 * arrivals // len(sessions) + 100)
    todo = {session_id: iter(steps) for session_id in sessions}
    taken: list[float] = []

    async def arrive(session_id: str, step: Step, due: float) -> None:
        await hub.publish(session_id, step.name, step.payload)
        taken.append(time.perf_counter() - due)

    await asyncio.gather(*(publish(hub, name, [next(steps)]) for name, steps in todo.items()))
    gc.collect()
    gc.freeze()
    due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(arrivals):
            due += dice.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            session_id = dice.choice(sessions)
            group.create_task(arrive(session_id, next(todo[session_id]), due))
    gc.unfreeze()
    return taken


def _percentile(seconds: Sequence[float]) -> float:
    """The 99th percentile, in ms."""
    return statistics.quantiles(seconds, n=100)[-1] * 1000
