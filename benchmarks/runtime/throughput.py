"""Events per second: many sessions at once, one that awaits, on disk and in memory."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.runtime.application import memory_hub, publish_at_once, sqlite_hub
from benchmarks.runtime.conversation import Step, conversation
from benchmarks.runtime.measures import Figure, Reference, at_least, times
from benchmarks.runtime.plain_sqlite import (
    LABELS,
    ONE_COMMIT,
    THREE_COMMITS,
    Transactions,
    rows,
    write,
)
from benchmarks.runtime.rounds import Bench, Durability, Measure, remove

EVENTS_PER_SECOND = "events/s"
IN_MEMORY = "the Hub in memory"


async def many_sessions(bench: Bench) -> list[Figure]:
    """Durable events/s, as many sessions as a busy server has, each awaiting its publishes."""
    scale = bench.scale
    steps = conversation(scale.events)
    found = await bench.interleaved(
        {
            "ours": _on_disk(bench, scale.sessions, steps),
            "three": _plain(bench, steps, THREE_COMMITS),
            "one": _plain(bench, steps, ONE_COMMIT),
            "memory": _in_memory(scale.sessions, steps),
        }
    )
    return [
        Figure(
            name="many-sessions",
            title=_sessions(scale.sessions),
            unit=EVENTS_PER_SECOND,
            ours=found["ours"][0],
            references=(
                Reference(LABELS[THREE_COMMITS], found["three"][0]),
                Reference(LABELS[ONE_COMMIT], found["one"][0]),
                Reference(IN_MEMORY, found["memory"][0]),
            ),
            target=times(10),
        )
    ]


async def one_session(bench: Bench) -> list[Figure]:
    """Durable events/s in one session that awaits each publish: what one commit costs."""
    steps = conversation(bench.scale.awaited_events)
    found = await bench.interleaved(
        {
            "ours": _on_disk(bench, 1, steps),
            "one": _plain(bench, steps, ONE_COMMIT),
            "three": _plain(bench, steps, THREE_COMMITS),
            "memory": _in_memory(1, steps),
        }
    )
    return [
        Figure(
            name="one-session",
            title=_sessions(1),
            unit=EVENTS_PER_SECOND,
            ours=found["ours"][0],
            references=(
                Reference(LABELS[ONE_COMMIT], found["one"][0]),
                Reference(LABELS[THREE_COMMITS], found["three"][0]),
                Reference(IN_MEMORY, found["memory"][0]),
            ),
            target=times(0.6),
        )
    ]


async def normal_durability(bench: Bench) -> list[Figure]:
    """The same with ``durability="normal"``, which is what the original was measured with.

    That were 3,700 events/s in one session, and 2,600 in 128; here it is to be
    ahead of the one, and four times the other.
    """
    return [
        await _normal(bench, 1, bench.scale.awaited_events, 3_700),
        await _normal(bench, bench.scale.sessions, bench.scale.events, 4 * 2_600),
    ]


async def _normal(bench: Bench, sessions: int, events: int, target: float) -> Figure:
    steps = conversation(events)
    found = await bench.interleaved(
        {
            "ours": _on_disk(bench, sessions, steps, "normal"),
            "three": _plain(bench, steps, THREE_COMMITS, "normal"),
            "one": _plain(bench, steps, ONE_COMMIT, "normal"),
        }
    )
    return Figure(
        name=f"normal-{'one' if sessions == 1 else 'many'}",
        title=f"{_sessions(sessions)}, durability=normal",
        unit=EVENTS_PER_SECOND,
        ours=found["ours"][0],
        references=(
            Reference(LABELS[THREE_COMMITS], found["three"][0]),
            Reference(LABELS[ONE_COMMIT], found["one"][0]),
        ),
        target=at_least(target),
    )


async def memory(bench: Bench) -> list[Figure]:
    """Events/s through the whole pipeline with both projections, where storing costs little."""
    scale = bench.scale
    steps = conversation(scale.memory_events)
    found = await bench.interleaved(
        {
            "ours": _in_memory(scale.sessions, steps),
            "disk": _on_disk(bench, scale.sessions, steps),
        }
    )
    return [
        Figure(
            name="memory",
            title=f"{_sessions(scale.sessions)}, in memory",
            unit=EVENTS_PER_SECOND,
            ours=found["ours"][0],
            references=(Reference("the Hub over SQLite", found["disk"][0]),),
            target=at_least(50_000),
        )
    ]


def _sessions(number: int) -> str:
    return "one session, awaited" if number == 1 else f"{number} sessions at once"


def _on_disk(
    bench: Bench, sessions: int, steps: Sequence[Step], durability: Durability = "full"
) -> Measure:
    async def measure() -> tuple[float, ...]:
        database = bench.new_file()
        async with sqlite_hub(database, durability) as hub:
            rate = await publish_at_once(hub, sessions, steps)
        remove(database)
        return (rate,)

    return measure


def _in_memory(sessions: int, steps: Sequence[Step]) -> Measure:
    async def measure() -> tuple[float, ...]:
        async with memory_hub() as hub:
            return (await publish_at_once(hub, sessions, steps),)

    return measure


def _plain(
    bench: Bench,
    steps: Sequence[Step],
    transactions: Transactions,
    durability: Durability = "full",
) -> Measure:
    """The reference: the same steps, in as few sessions as give values that are steady.

    One loop does one thing at a time: how many sessions they are spread over
    changes nothing.
    """
    sessions = max(1, bench.scale.plain_events // len(steps))
    todo = rows(steps, sessions)

    async def measure() -> tuple[float, ...]:
        database = bench.new_file()
        taken = write(database, todo, transactions, durability)
        remove(database)
        return (len(taken) / sum(taken),)

    return measure
