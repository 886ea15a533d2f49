"""P2 and P3 under `kill -9`: what the store holds and what was acknowledged agree."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.hydration.trouble import held_open
from tests.promises.crash_kills import (
    FEW_KILLS,
    KILLS,
    Kill,
    after_lines,
    at_random_moments,
    run_and_kill,
)
from tests.promises.crash_ledger import Ledger, opened

pytestmark = pytest.mark.timeout(120 + 3 * KILLS)


async def crash(database: Path, kills: Iterable[Kill], ledger: Ledger) -> None:
    for kill in kills:
        ledger.enter(run_and_kill(kill, "crash_child", database))
        async with opened(database) as (store, hub):
            await ledger.check(store, hub)


async def test_p2_p3_after_every_kill_the_store_holds_what_was_acknowledged_and_nothing_torn(
    tmp_path: Path,
) -> None:
    ledger = Ledger()
    await crash(tmp_path / "crash.db", after_lines(random.Random(20), KILLS), ledger)
    assert {"ack", "ui"} <= ledger.kinds


async def test_p2_p3_hold_at_a_random_moment_also_before_anything_was_acknowledged(
    tmp_path: Path,
) -> None:
    """The first kills are while the file is made, or opened."""
    dice = random.Random(21)
    for index in range(FEW_KILLS // 2):
        fresh = Ledger()
        early = Kill(microseconds=dice.randrange(1, 12_000))
        await crash(tmp_path / f"fresh-{index}.db", [early], fresh)
    ledger = Ledger()
    # On a slow machine nobody may have come to a publish by then.
    kills = [*at_random_moments(dice, FEW_KILLS * 2), Kill(lines=50)]
    await crash(tmp_path / "crash.db", kills, ledger)
    assert {"ack", "ui"} <= ledger.kinds


async def test_p2_p3_hold_while_another_process_reads_in_one_transaction_over_several_kills(
    tmp_path: Path,
) -> None:
    database = tmp_path / "crash.db"
    ledger = Ledger()
    await crash(database, [Kill(lines=50)], ledger)
    with held_open(database):
        await crash(database, at_random_moments(random.Random(22), FEW_KILLS), ledger)
    await crash(database, [Kill(lines=50)], ledger)
    assert {"ack", "ui"} <= ledger.kinds
