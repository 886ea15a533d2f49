"""P2 and P3 under `kill -9`: what the store holds and what was acknowledged agree."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.backend import entities_of, events_of
from tests.promises import counter
from tests.promises.crash_child import SESSION_IDS, TO_ALL

# `make crash` asks for more.
KILLS = int(os.environ.get("SESSIONSTREAM_KILLS", "12"))
ROOT = Path(__file__).parents[2]

Marks = dict[str, int]
"""Per session, the highest ordinal of a kind of line."""


def run_and_kill(database: Path, lines: int) -> tuple[Marks, Marks]:
    """Lets the child print so many lines, kills it, and returns all that it had told."""
    acknowledged: Marks = {}
    shown: Marks = {}
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.promises.crash_child", str(database)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with child:
        assert child.stdout is not None
        for count, line in enumerate(child.stdout, start=1):
            if count == lines:
                child.kill()  # and go on reading what it had written by then
            kind, session_id, ordinal = line.split()
            marks = acknowledged if kind == "ack" else shown
            marks[session_id] = max(marks.get(session_id, 0), int(ordinal))
    assert child.returncode == -9, "the child ended by itself"
    return acknowledged, shown


def merge(into: Marks, marks: Marks) -> None:
    for session_id, ordinal in marks.items():
        into[session_id] = max(into.get(session_id, 0), ordinal)


async def read(store: SQLiteStore, session_id: str) -> tuple[int, int]:
    """What a Hub shows of the session: the ordinal and the counter."""
    async with Hub(counter.registry(), store=store) as hub:
        counter.install(hub)
        snapshot = await hub.snapshot(session_id)
        (entity,) = snapshot.entities
        assert entity.last_event_ordinal == snapshot.snapshot_ordinal
        return snapshot.snapshot_ordinal, counter.number(entity.payload)


def line_counts() -> Iterator[int]:
    """How long each child lives: from its first line to several hundred later."""
    dice = random.Random(20)
    return (dice.choice((1, 2, 5, 17, 50, 150, 400)) for _ in range(KILLS))


@pytest.mark.timeout(120 + 3 * KILLS)
async def test_p2_p3_after_every_kill_the_store_holds_what_was_acknowledged_and_nothing_torn(
    tmp_path: Path, registry: SchemaRegistry
) -> None:
    database = tmp_path / "crash.db"
    acknowledged: Marks = {}
    shown: Marks = {}
    for lines in line_counts():
        new_acknowledged, new_shown = run_and_kill(database, lines)
        merge(acknowledged, new_acknowledged)
        merge(shown, new_shown)
        async with SQLiteStore.open(database, registry) as store:
            stored = await store.sessions()
            in_all = set() if len(stored) == len(SESSION_IDS) else {0}
            for session_id in stored:
                events = await events_of(store, session_id, limit=100_000)
                head = len(events)
                values = [counter.number(event.payload) for event in events]
                in_all.add(values.count(TO_ALL))
                # Of three that are one commit there are all or none.
                assert values.count(2) == values.count(3) == values.count(4)
                cursors = await store.cursors(session_id)
                timeline = await entities_of(store, session_id)

                assert [event.ordinal for event in events] == list(range(1, head + 1))
                assert acknowledged.get(session_id, 0) <= head
                assert shown.get(session_id, 0) <= head
                assert (cursors.event, cursors.ui) == (head, head)
                # The stored timeline may trail the log, and is then that of an earlier event.
                assert [counter.number(entity.payload) for entity in timeline] == [
                    counter.fold(events[: cursors.timeline])
                ][: cursors.timeline]
                assert await read(store, session_id) == (head, counter.fold(events))
            assert len(in_all) <= 1, "an event is in some of its sessions only"
    assert acknowledged, "no child came as far as its first publish"
    assert shown
