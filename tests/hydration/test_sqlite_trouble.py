"""A Hub on a file in trouble: one clear error, reads go on, and it recovers with the cause."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from sessionstream import (
    Hub,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    WriteBehind,
)
from sessionstream.hydration.sqlite import SQLiteStore
from tests.hydration.trouble import held_open, small_disk
from tests.runtime.app import Lines, lines, make_registry, say

MIB = 2**20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@asynccontextmanager
async def opened(
    path: Path,
    *,
    max_bytes: int | None = None,
    busy_timeout: float = 5.0,
    write_behind: WriteBehind = WriteBehind(),  # noqa: B008 frozen
) -> AsyncIterator[Hub]:
    registry = make_registry()
    opening = SQLiteStore.open(path, registry, max_bytes=max_bytes, busy_timeout=busy_timeout)
    async with opening as store, Hub(registry, store=store, write_behind=write_behind) as hub:
        hub.register_timeline_projection(Lines())
        yield hub


def files_in(directory: Path) -> list[str]:
    return [file.name for file in directory.iterdir()]


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


async def fill_up(hub: Hub, session_id: str = "filler") -> None:
    """Publishes until nothing more fits, and a little less, until nothing fits at all."""
    for size in (100_000, 1_000, 1):
        with suppress(StoreFullError):
            while True:
                await say(hub, "x" * size, session_id)


async def check_that_it_reads_but_does_not_write(
    hub: Hub, path: Path, kind: type[StoreError], remedy: str
) -> None:
    with pytest.raises(kind, match=remedy) as refused:
        await say(hub, "c=" + "3" * 5_000)
    assert type(refused.value) is kind
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert lines(await hub.snapshot("s")) == ["a=1"]
    assert await hub.event_cursor("s") == 1
    assert lines(await hub.snapshot("cold")) == ["b=2"]


async def check_that_it_recovered(hub: Hub) -> None:
    assert (await say(hub, "d=4")).ordinal == 2
    assert lines(await hub.snapshot("s")) == ["a=1", "d=4"]


async def two_sessions(path: Path) -> None:
    """Leaves a file with the sessions ``s`` and ``cold``."""
    async with opened(path) as hub:
        await say(hub, "a=1")
        await say(hub, "b=2", "cold")


class TestAFullStore:
    async def test_reads_and_goes_on_when_something_was_deleted(self, path: Path) -> None:
        await two_sessions(path)
        async with opened(path, max_bytes=MIB) as hub:
            await fill_up(hub)
            await check_that_it_reads_but_does_not_write(hub, path, StoreFullError, "no space")
            await hub.delete_session("filler")
            await check_that_it_recovered(hub)
        async with opened(path) as hub:
            assert lines(await hub.snapshot("s")) == ["a=1", "d=4"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB and a half."""
    with small_disk(tmp_path / "disk", kib=1536) as disk:
        yield disk.path


class TestAFullDisk:
    async def test_reads_and_goes_on_when_there_is_space(self, disk: Path) -> None:
        path = disk / "store.db"
        other = disk / "other"
        await two_sessions(path)
        other.write_bytes(b"x" * 200_000)
        async with opened(path) as hub:
            await fill_up(hub)
            await check_that_it_reads_but_does_not_write(hub, path, StoreFullError, "no space")
            other.unlink()
            await check_that_it_recovered(hub)
        async with opened(path) as hub:
            assert lines(await hub.snapshot("s")) == ["a=1", "d=4"]

    async def test_that_was_full_already_opens_for_reading(self, disk: Path) -> None:
        path = disk / "store.db"
        await two_sessions(path)
        async with opened(path) as hub:
            await fill_up(hub)
        async with opened(path) as hub:
            await fill_up(hub)
            await check_that_it_reads_but_does_not_write(hub, path, StoreFullError, "no space")

    async def test_leaves_no_half_of_a_backup(self, disk: Path, path: Path) -> None:
        async with (
            SQLiteStore.open(path, make_registry()) as store,
            Hub(make_registry(), store=store) as hub,
        ):
            await say(hub, "x" * 2 * MIB)
            with pytest.raises(StoreFullError, match="no space") as refused:
                await store.backup(disk / "copy.db")
            assert str(disk / "copy.db") in str(refused.value)
            assert files_in(disk) == []
            await say(hub, "goes on")


class TestALockedFile:
    async def test_reads_and_goes_on_when_it_is_free(self, path: Path) -> None:
        await two_sessions(path)
        async with opened(path, busy_timeout=0) as hub:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await check_that_it_reads_but_does_not_write(
                    hub, path, StoreLockedError, "another program"
                )
            await check_that_it_recovered(hub)


class TestADamagedFile:
    async def test_fails_the_session_that_is_damaged_and_no_other(self, path: Path) -> None:
        await two_sessions(path)
        async with opened(path) as hub:
            for number in range(40):
                await say(hub, f"{number}={'x' * 9000}", "damaged")
        damage_entities_of(path, "damaged")
        async with opened(path) as hub:
            with pytest.raises(StoreCorruptError, match="restore it from a backup") as refused:
                await hub.snapshot("damaged")
            assert str(path) in str(refused.value)
            assert lines(await hub.snapshot("s")) == ["a=1"]
            await check_that_it_recovered(hub)


def damage_entities_of(path: Path, session_id: str) -> None:
    """Overwrites what the pages hold that belong to the session's entities alone."""
    with closing(sqlite3.connect(path)) as db:
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
        [(root,)] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entities'")
    content = bytearray(path.read_bytes())
    first = (root - 1) * page_size
    # The root is an interior page by now; its first child is the first session's, its last ours.
    last_child = int.from_bytes(content[first + 8 : first + 12], "big")
    content[(last_child - 1) * page_size : last_child * page_size] = b"\xa5" * page_size
    path.write_bytes(content)


class TestAReaderThatHoldsATransaction:
    async def test_lets_the_log_grow_and_holds_up_nobody(self, path: Path) -> None:
        """It sees its own moment; the log can't be reused before it ends, and shrinks then."""
        no_later_writes = WriteBehind(events=0)
        async with opened(path, write_behind=no_later_writes) as hub:
            await say(hub, "a=1")
            with held_open(path):
                for _ in range(20):
                    await say(hub, "x" * MIB)
                await hub.delete_session("never there")
                assert size_of(log_of(path)) > 20 * MIB
                assert lines(await hub.snapshot("s")) == ["a=1"]
            await say(hub, "x" * 8 * MIB, "t")
            await hub.delete_session("t")
            assert size_of(log_of(path)) == 0
            assert await hub.event_cursor("s") == 21

    async def test_that_ends_lets_the_log_be_used_again(self, path: Path) -> None:
        async with opened(path) as hub:
            await say(hub, "a=1")
            with held_open(path):
                for _ in range(10):
                    await say(hub, "x" * MIB)
            grown = size_of(log_of(path))
            for _ in range(40):
                await say(hub, "x" * MIB)
            assert size_of(log_of(path)) <= grown + 2 * MIB

    async def test_does_not_keep_the_hub_from_closing(self, path: Path) -> None:
        async with opened(path) as hub:
            await say(hub, "a=1")
        with held_open(path):
            async with opened(path) as hub:
                await say(hub, "b=2")
        async with opened(path) as hub:
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]


async def test_many_sessions_meet_a_full_store_together_and_each_is_told(path: Path) -> None:
    await two_sessions(path)
    async with opened(path, max_bytes=MIB) as hub:
        await fill_up(hub)
        names = [f"session {number}" for number in range(30)]
        work = [say(hub, "x" * 20_000, name) for name in names]
        results = await asyncio.gather(*work, return_exceptions=True)
        assert all(isinstance(result, StoreFullError) for result in results)
        await hub.delete_session("filler")
        assert [(await say(hub, "x", name)).ordinal for name in names] == [1] * 30
