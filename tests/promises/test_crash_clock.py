"""P2 and P3 under `kill -9` by a clock that jumps, and what is deleted by age and number then."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from tests.promises.crash_clock import YEAR
from tests.promises.crash_kills import FEW_KILLS, KILLS, Kill, Line, at_random_moments, run_and_kill
from tests.promises.crash_ledger import Ledger, opened

pytestmark = pytest.mark.timeout(120 + 3 * KILLS)


class Endings:
    """What children were told of sessions that they closed, and opened again."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.reopened: list[str] = []

    def enter(self, lines: Sequence[Line]) -> None:
        self.closed += [line.session_id for line in lines if line.kind == "closed"]
        self.reopened += [line.session_id for line in lines if line.kind == "reopened"]

    async def check(self, store: SQLiteStore) -> None:
        """Closed sessions are in the order of their closing, whatever the clock said."""
        told = set(self.closed)
        closed = await store.closed_sessions()
        assert [session_id for session_id in closed if session_id in told] == self.closed
        # One that was being closed or opened again at a kill may be either.
        assert not {*self.reopened} & {*closed}

    async def check_reopened(self, hub: Hub) -> None:
        for session_id in self.reopened:
            assert await hub.event_cursor(session_id) == 2
            assert (await hub.snapshot(session_id)).snapshot_ordinal == 2


async def check_errors(store: SQLiteStore, hub: Hub) -> None:
    """They are sorted by the times that the clock gave, and none is lost to a filter."""
    records = await hub.errors(limit=1_000_000)
    times = [record.occurred_at for record in records]
    assert times == sorted(times, reverse=True)
    assert times[0] - times[-1] > YEAR, "the clock did not jump"
    now = time.time()
    later = await store.errors(limit=1_000_000, since=now)
    assert later + await store.errors(limit=1_000_000, until=now) == records
    assert await hub.resolve(records[0])
    assert await hub.errors(limit=1_000_000) == records[1:]


async def check_purges(store: SQLiteStore, hub: Hub) -> None:
    closed = await store.closed_sessions()
    assert await hub.purge(closed_before=time.time() - 100 * YEAR) == []

    half = len(closed) // 2
    assert await hub.purge(keep=len(closed) - half) == closed[:half]
    # A jump forwards has made those that were closed after it young, never one before it.
    of_age = await hub.purge(closed_before=time.time())
    left = await store.closed_sessions()
    assert of_age + left == closed[half:]
    assert await hub.purge(closed_before=time.time() + 100 * YEAR) == left
    assert not {*closed} & {*await store.sessions(limit=1_000_000)}

    # Nothing is left of the jumps: age is again what this clock says.
    await hub.publish("now", "Added", Int64Value(value=1))
    await hub.close_session("now")
    assert await hub.purge(closed_before=time.time() - YEAR) == []
    assert await hub.purge(closed_before=time.time() + YEAR) == ["now"]


async def test_p2_p3_hold_by_a_clock_that_jumps_and_purges_leave_open_sessions_alone(
    tmp_path: Path,
) -> None:
    database = tmp_path / "crash.db"
    ledger = Ledger(clock_jumps=True)
    endings = Endings()
    kills = [*at_random_moments(random.Random(24), FEW_KILLS), Kill(since="reopened", lines=400)]
    for run, kill in enumerate(kills):
        child = ("tests.promises.crash_endings", database, run)
        lines = run_and_kill(kill, "crash_clock", run, *child)
        ledger.enter(lines)
        endings.enter(lines)
        async with opened(database) as (store, hub):
            await ledger.check(store, hub)
            await endings.check(store)
    async with opened(database) as (store, hub):
        await check_errors(store, hub)
        await check_purges(store, hub)
        await endings.check_reopened(hub)
        await ledger.check(store, hub)
    async with opened(database) as (store, hub):
        await ledger.check(store, hub)
        await ledger.publish(hub)
