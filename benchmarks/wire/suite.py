"""The figures: ours beside what the stack can do at most, and beside python-socketio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cache

from benchmarks.runtime.measures import OURS, Figure, Series, Target, references, times
from benchmarks.runtime.rounds import Measure, interleaved
from benchmarks.wire.contenders import (
    HUB_BINARY,
    HUB_JSON,
    PLAIN,
    SOCKET_IO,
    Contender,
)
from benchmarks.wire.orders import Plan
from benchmarks.wire.trial import Load, idle_bytes, measure, sample

CEILING = "websockets.broadcast"
OTHER = "python-socketio"

# What is wanted where a session has so many subscribers; with fewer it is the Hub
# that takes the time, of which the references have nothing.
_TARGETS_FROM = 100
_OF_CEILING, _OF_OTHER = times(0.8), times(3)

_JSON = {OURS: HUB_JSON, CEILING: PLAIN, OTHER: SOCKET_IO}
_BINARY = {OURS: HUB_BINARY, CEILING: PLAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured. ``plans`` are numbers of sessions and of subscribers of each."""

    rounds: int
    plans: tuple[tuple[int, int], ...]
    load: Load


FULL = Scale(
    rounds=5,
    plans=((1, 1), (1, 10), (1, 100), (1, 1000), (100, 10)),
    load=Load(
        warmup_seconds=0.3,
        flood_seconds=1.0,
        paced_seconds=2.0,
        paced_frames=5000,
        paced_events=200,
        idle=1000,
    ),
)
# Shows that everything runs; its values mean nothing.
QUICK = Scale(
    rounds=2,
    plans=((1, 1), (2, 3)),
    load=Load(
        warmup_seconds=0.01,
        flood_seconds=0.05,
        paced_seconds=0.05,
        paced_frames=500,
        paced_events=200,
        idle=50,
    ),
)


async def watched(scale: Scale) -> AsyncIterator[Figure]:
    """Frames that arrive in a second, and how late they are, by the number of subscribers.

    Our events go through the whole Hub; those of the references have no way
    before their fan-out. Each server first sends as fast as it can, with a
    bounded number of frames under way, then few events at even intervals,
    whose latency is taken from before they are published until they are read.
    """
    for sessions, each in scale.plans:
        plan = Plan(sessions=sessions, subscribers_each=each)
        found = await _measured(scale, plan, _JSON)
        for figure in _figures(f"{sessions}x{each}", plan, found):
            yield figure


async def binary(scale: Scale) -> AsyncIterator[Figure]:
    """Frames that arrive in a second in the binary form, in the last plan of one session."""
    each = max(each for sessions, each in scale.plans if sessions == 1)
    plan = Plan(sessions=1, subscribers_each=each)
    found = await _measured(scale, plan, _BINARY)
    title = f"{_title(plan)}, binary"
    yield _figure("frames-binary", title, "frames/s", found, target=_OF_CEILING)


async def idle(scale: Scale) -> AsyncIterator[Figure]:
    """Memory of a server for a connection that watches a session in which nothing happens."""

    def measure_one(contender: Contender) -> Measure:
        async def once() -> tuple[float, ...]:
            return (idle_bytes(contender, scale.load, _frame(_JSON[OURS])) / 1000,)

        return once

    found = await interleaved(
        scale.rounds, {name: measure_one(contender) for name, contender in _JSON.items()}
    )
    yield _figure("idle", "memory, idle connection", "kB", found)


SUITE: Mapping[str, Callable[[Scale], AsyncIterator[Figure]]] = {
    "watched": watched,
    "binary": binary,
    "idle": idle,
}

Found = Mapping[str, list[Series]]


async def _measured(scale: Scale, plan: Plan, contenders: Mapping[str, Contender]) -> Found:
    def measure_one(contender: Contender) -> Measure:
        async def once() -> tuple[float, ...]:
            return measure(contender, plan, scale.load, frame).values()

        return once

    frame = _frame(contenders[OURS])
    measures = {name: measure_one(contender) for name, contender in contenders.items()}
    return await interleaved(scale.rounds, measures)


def _figures(name: str, plan: Plan, found: Found) -> list[Figure]:
    has_target = plan.sessions == 1 and plan.subscribers >= _TARGETS_FROM
    title = _title(plan)
    figures = [
        _figure(
            f"frames-{name}",
            title,
            "frames/s",
            found,
            target=_OF_CEILING if has_target else None,
        ),
        _figure(f"cpu-{name}", f"CPU a frame, {title}", "us", found, 1),
        _figure(f"p50-{name}", f"p50, {title}", "ms", found, 2),
        _figure(f"p99-{name}", f"p99, {title}", "ms", found, 3),
    ]
    if has_target:
        against = {OURS: found[OURS], OTHER: found[OTHER]}
        title = f"{OTHER}, {title}"
        figures.append(_figure(f"other-{name}", title, "frames/s", against, target=_OF_OTHER))
    return figures


def _figure(
    name: str,
    title: str,
    unit: str,
    found: Found,
    column: int = 0,
    *,
    target: Target | None = None,
) -> Figure:
    return Figure(
        name=name,
        title=title,
        unit=unit,
        ours=found[OURS][column],
        references=references(found, column),
        target=target,
    )


def _title(plan: Plan) -> str:
    if plan.sessions > 1:
        return f"{plan.sessions:,} sessions x {plan.subscribers_each}"
    return f"{plan.subscribers:,} subscriber{'s' if plan.subscribers > 1 else ''}"


@cache
def _frame(ours: Contender) -> bytes:
    return sample(ours)
