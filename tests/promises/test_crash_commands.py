"""P3 for commands under `kill -9`: none that was acknowledged is lost, none runs twice."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from sessionstream import CommandStatus, Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.backend import events_of
from sessionstream.transport.source import Verdict
from tests.promises import counter
from tests.promises.crash_commands import opened, send
from tests.promises.crash_kills import (
    FEW_KILLS,
    KILLS,
    Kill,
    Line,
    after_lines,
    at_random_moments,
    run_and_kill,
)

pytestmark = pytest.mark.timeout(120 + 3 * KILLS)


async def check(store: SQLiteStore, hub: Hub, told: Iterable[Line]) -> None:
    """Fails where the store lacks a record that was told of, or a command is run again."""
    kinds: dict[tuple[str, int], str] = {}
    for kind, session_id, number in told:
        if kind != "start":
            kinds[session_id, number] = kind
    for (session_id, number), kind in kinds.items():
        record = await store.command(session_id, str(number))
        assert record is not None
        assert kind == "accepted" or record.status is CommandStatus.COMPLETED
        ran = await times_run(store, session_id, number)
        assert ran <= 1
        assert ran or record.status is CommandStatus.ACCEPTED

        receipt = await send(hub, session_id, number)
        assert receipt.verdict is Verdict.DUPLICATE
        assert receipt.outcome is not None
        end = await receipt.outcome
        completed = record.status is CommandStatus.COMPLETED
        assert (end.code == "interrupted") is not completed
        assert await times_run(store, session_id, number) == ran


async def times_run(store: SQLiteStore, session_id: str, number: int) -> int:
    events = await events_of(store, session_id, limit=1_000_000)
    return [counter.number(event.payload) for event in events].count(number)


async def crash(database: Path, kills: Iterable[Kill]) -> set[str]:
    """Kills one child after the other; returns the kinds of lines that they told."""
    kinds: set[str] = set()
    for index, kill in enumerate(kills):
        lines = run_and_kill(kill, "crash_commands", database, 1 + 1_000_000 * index)
        kinds |= {line.kind for line in lines}
        async with opened(database) as (store, hub):
            await check(store, hub, lines)
    return kinds


async def test_p3_an_accepted_command_is_known_after_every_kill_and_runs_at_most_once(
    tmp_path: Path,
) -> None:
    dice = random.Random(30)
    kinds = await crash(tmp_path / "lines.db", after_lines(dice, FEW_KILLS))
    assert {"accepted", "completed"} <= kinds
    await crash(tmp_path / "moments.db", at_random_moments(dice, FEW_KILLS, since="accepted"))
