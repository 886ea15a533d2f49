"""Whatever the limits, the sizes and the clock: what is kept is the newest, without a gap."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionstream.hydration.base import CommandStatus, HydrationStore, Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing import StoreOptions
from sessionstream.testing.stores.samples import ran, sample_registry, shown, shown_commit
from sessionstream.types import UIBatch

IDS = tuple("abcdefgh")
SLACK = 1.25

seconds = st.sampled_from([0.0, 5.0, 30.0, math.inf])
retentions = st.builds(
    Retention,
    ui_batches=st.sampled_from([0, 1, 3, 6, 10**9]),
    ui_seconds=seconds,
    ui_bytes=st.sampled_from([0, 10, 60, 10**9]),
    commands=st.sampled_from([0, 1, 4, 10**9]),
    command_seconds=seconds,
)


@dataclass(frozen=True)
class Step:
    """A commit after the clock has moved; a size of 0 is an event without UI events."""

    later: float
    sizes: Sequence[int]
    commands: Sequence[str]


steps = st.lists(
    st.builds(
        Step,
        later=st.one_of(st.integers(0, 8), st.integers(-60, 60)),
        sizes=st.lists(st.integers(0, 40), max_size=5),
        commands=st.lists(st.sampled_from(IDS), max_size=3),
    ),
    max_size=14,
)


@dataclass
class Model:
    """Keeps everything, and knows what of it may and what must be there."""

    limits: Retention
    now: float = 1000.0
    latest: float = -math.inf
    stored: float = -math.inf
    batches: list[tuple[UIBatch, float]] = field(default_factory=list)
    commands: dict[str, float] = field(default_factory=dict)

    def clock(self) -> float:
        return self.now

    def move(self, later: float) -> None:
        self.now += later
        self.latest = max(self.latest, self.now)

    def add(self, batches: Sequence[UIBatch], commands: Sequence[str]) -> None:
        if batches or commands:
            self.stored = max(self.stored, self.now)
        self.batches += [(batch, self.stored) for batch in batches]
        for each in commands:
            self.commands.pop(each, None)
            self.commands[each] = self.stored

    def must_show(self) -> int:
        """How many batches are within every limit, at any time so far."""
        newest = self.batches[::-1]
        sizes = accumulate(size_of(batch) for batch, _ in newest)
        oldest = self.latest - self.limits.ui_seconds
        within = [
            index <= self.limits.ui_batches and size <= self.limits.ui_bytes and at >= oldest
            for index, (size, (_, at)) in enumerate(zip(sizes, newest, strict=True), 1)
        ]
        return (*within, False).index(False) if self.limits.ui_seconds else 0

    def check_batches(self, found: Sequence[UIBatch]) -> None:
        known = self.batches[len(self.batches) - len(found) :]
        assert list(found) == [batch for batch, _ in known]
        assert len(found) >= self.must_show()
        assert all(at >= self.now - self.limits.ui_seconds for _, at in known)
        assert len(found) <= self.limits.ui_batches * SLACK
        assert sum(map(size_of, found)) <= self.limits.ui_bytes * SLACK
        assert self.limits.ui_seconds or not found

    def check_commands(self, found: Sequence[str]) -> None:
        in_order = list(self.commands)
        kept = in_order[len(in_order) - len(found) :]
        assert sorted(found) == sorted(kept)
        oldest = self.latest - self.limits.command_seconds
        must = [each for each in in_order if self.commands[each] >= oldest]
        assert len(found) >= min(len(must), self.limits.commands) or not self.limits.command_seconds
        assert len(found) <= self.limits.commands * SLACK
        assert all(self.commands[each] >= self.now - self.limits.command_seconds for each in found)
        assert self.limits.command_seconds or not found


def size_of(batch: UIBatch) -> int:
    return sum(event.payload.ByteSize() for event in batch.events)


async def run(store: HydrationStore, model: Model, steps: Sequence[Step]) -> None:
    head = last = 0
    for step in steps:
        model.move(step.later)
        first, added = head + 1, []
        for head, size in enumerate(step.sizes, first):
            if size:
                added.append(replace(shown("s", head, last, *["x"] * size), epoch="e"))
                last = head
        done = [ran(each, CommandStatus.COMPLETED, head) for each in step.commands]
        commit = shown_commit("s", first, *added, last=head)
        events = commit.events if step.sizes else ()
        commit = replace(
            commit, events=events, commands=done, epoch="e", ui_cursor=head, timeline_cursor=head
        )
        await store.commit([commit])
        model.add(added, step.commands)
        model.check_batches(await store.ui_batches("s"))
        model.check_commands([each for each in IDS if await store.command("s", each)])
        assert (await store.cursors("s")).shown == last


def in_memory(path: Path, **options: Unpack[StoreOptions]) -> MemoryStore:
    return MemoryStore(**options)


def in_sqlite(
    path: Path, **options: Unpack[StoreOptions]
) -> AbstractAsyncContextManager[SQLiteStore]:
    return SQLiteStore.open(path, sample_registry(), **options)


@pytest.mark.parametrize("opened", [in_memory, in_sqlite])
@settings(max_examples=40)
@given(limits=retentions, steps=steps)
def test_what_is_kept_is_the_newest_without_a_gap_within_the_limits(
    opened: Callable[..., AbstractAsyncContextManager[HydrationStore]],
    limits: Retention,
    steps: Sequence[Step],
) -> None:
    model = Model(limits)

    async def play(path: Path) -> None:
        async with opened(path, retention=limits, clock=model.clock) as store:
            await run(store, model, steps)

    with TemporaryDirectory() as directory:
        asyncio.run(play(Path(directory) / "store.db"))
