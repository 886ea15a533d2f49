"""How much is measured, where, and in which order."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.runtime.measures import Series

Durability = Literal["full", "normal"]
"""Of a file; see `SQLiteStore.open`."""

Measure = Callable[[], Awaitable[tuple[float, ...]]]
"""Measures once and returns one value or several, always the same ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much work a round is. ``events`` are those of one session among many."""

    rounds: int
    sessions: int
    events: int
    awaited_events: int
    plain_events: int
    memory_events: int
    entities: int
    entity_events: int
    deltas: int
    stored_sessions: int
    active_sessions: int
    arrivals_seconds: float
    frames: int


FULL = Scale(
    rounds=5,
    sessions=128,
    events=100,
    awaited_events=1500,
    plain_events=1000,
    memory_events=200,
    entities=10_000,
    entity_events=12_000,
    deltas=2000,
    stored_sessions=200_000,
    active_sessions=1000,
    arrivals_seconds=3.0,
    frames=5000,
)
# Shows that everything runs; its values mean nothing.
QUICK = Scale(
    rounds=2,
    sessions=8,
    events=10,
    awaited_events=20,
    plain_events=20,
    memory_events=20,
    entities=100,
    entity_events=50,
    deltas=50,
    stored_sessions=200,
    active_sessions=20,
    arrivals_seconds=0.1,
    frames=20,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement is given: its scale, and a folder for its files.

    The folder lies on the disk that is measured.
    """

    folder: Path
    scale: Scale
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_file(self) -> Path:
        """Returns the path of a database that does not exist yet."""
        return self.folder / f"{next(self._numbers)}.db"

    async def interleaved(self, measures: Mapping[str, Measure]) -> dict[str, list[Series]]:
        """Runs each measure once per round; see `rounds.interleaved`."""
        return await interleaved(self.scale.rounds, measures)


async def interleaved(rounds: int, measures: Mapping[str, Measure]) -> dict[str, list[Series]]:
    """Runs each measure once per round, and returns a series for each of its values.

    What else happens on the machine meets all of them alike; every other
    round goes backwards, so that none always follows the same one.
    """
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in measures}
    for number in range(rounds):
        names = list(measures)
        for name in reversed(names) if number % 2 else names:
            gc.collect()
            found[name].append(await measures[name]())
    return {
        name: [Series(column) for column in zip(*rows, strict=True)] for name, rows in found.items()
    }


def remove(database: Path) -> None:
    """Removes a database and what lies beside it."""
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
