"""P2 and P3 under `kill -9` on a full disk: what was acknowledged is there, and it goes on."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from sessionstream import Hub, StoreFullError
from tests.hydration.trouble import SmallDisk, small_disk
from tests.promises.crash_kills import FEW_KILLS, KILLS, Kill, run_and_kill
from tests.promises.crash_ledger import Ledger, opened

pytestmark = pytest.mark.timeout(120 + 3 * KILLS)

# A store grows with every kill; after so many the next begins.
KILLS_PER_STORE = 4
STORES = range(-(-FEW_KILLS // KILLS_PER_STORE))


class Space(Protocol):
    """Where a file has little space."""

    @property
    def max_bytes(self) -> int | None:
        """What the store is opened with."""

    def give_more(self) -> None:
        """Makes room for some hundred events."""


@dataclass(slots=True)
class LimitedFile:
    max_bytes: int

    def give_more(self) -> None:
        self.max_bytes += 64 * 1024


@dataclass(slots=True)
class FileOnSmallDisk:
    disk: SmallDisk
    max_bytes: None = None

    def give_more(self) -> None:
        # What is in the log beside the file needs its place in the file before the log can shrink.
        self.disk.grow(kib=2048)


async def publish_until_full(hub: Hub, ledger: Ledger) -> None:
    try:
        while True:
            await ledger.publish(hub)
    except StoreFullError:
        pass


async def kill_and_give_space(database: Path, space: Space, dice: random.Random) -> None:
    ledger = Ledger()
    for index in range(KILLS_PER_STORE):
        since = "ack" if index == 1 else "full"  # once on the way there
        kill = Kill(since=since, lines=dice.randrange(40), microseconds=dice.randrange(60_000))
        limits = () if space.max_bytes is None else (space.max_bytes,)
        ledger.enter(run_and_kill(kill, "crash_child", database, *limits))
        async with opened(database, space.max_bytes) as (store, hub):
            await ledger.check(store, hub)
            await publish_until_full(hub, ledger)
            await ledger.check(store, hub)
        space.give_more()
        async with opened(database, space.max_bytes) as (store, hub):
            await ledger.check(store, hub)
            await ledger.publish(hub)
    assert {"ack", "full"} <= ledger.kinds


async def test_p2_p3_hold_for_a_file_that_has_come_to_its_limit(tmp_path: Path) -> None:
    for number in STORES:
        path = tmp_path / f"{number}.db"
        await kill_and_give_space(path, LimitedFile(256 * 1024), random.Random(number))


async def test_p2_p3_hold_on_a_disk_that_is_full(tmp_path: Path) -> None:
    for number in STORES:
        with small_disk(tmp_path / str(number), kib=1024) as disk:
            path = disk.path / "crash.db"
            await kill_and_give_space(path, FileOnSmallDisk(disk), random.Random(number))
