"""Copies of a store that is in use."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from sessionstream.errors import StoreClosedError, StoreError, StoreLockedError
from sessionstream.hydration import sqlite_backup
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.backend import ordinals_of, texts_of
from sessionstream.testing.stores.samples import failure, note, notes_commit, sample_registry

REGISTRY = sample_registry()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore.open(tmp_path / "store.db", REGISTRY) as store:
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "copy.db"


@pytest.fixture
def one_page_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_backup, "PAGES_PER_STEP", 1)


async def commit_until(stop: asyncio.Event, store: SQLiteStore) -> int:
    """Commits to two sessions at once; returns the last ordinal."""
    ordinal = (await store.cursors("one")).event
    while not stop.is_set():
        ordinal += 1
        entities = [note("count", str(ordinal), changed=ordinal)]
        await store.commit([notes_commit(name, ordinal, entities=entities) for name in TWO])
    return ordinal


TWO = ("one", "two")


def write(path: Path, text: str) -> None:
    path.write_text(text)


def content_of(path: Path) -> str:
    return path.read_text()


async def begun(target: Path) -> None:
    """Returns when the first file of a backup is there."""
    while not files_beside(target):  # noqa: ASYNC110 the thread that makes it tells nobody
        await asyncio.sleep(0)


def files_beside(target: Path) -> set[str]:
    return {file.name for file in target.parent.iterdir()}


class TestABackup:
    async def test_opens_as_a_store_that_holds_what_was_committed(
        self, store: SQLiteStore, target: Path
    ) -> None:
        error = failure("s", 1)
        await store.commit([notes_commit("s", 1, 9, entities=[note("a", "1")], errors=[error])])
        before = await store.cursors("s")
        await store.backup(target)
        await store.commit([notes_commit("s", 10)])
        async with SQLiteStore.open(target, REGISTRY) as copy:
            assert await copy.cursors("s") == before
            assert await texts_of(copy, "s") == {"a": "1"}
            assert await copy.errors() == [error]
            await copy.commit([notes_commit("s", 10)])
        assert files_beside(target) == {"copy.db", "copy.db.lock"}

    @pytest.mark.usefixtures("one_page_a_step")
    async def test_is_one_moment_of_a_store_that_goes_on(
        self, store: SQLiteStore, target: Path
    ) -> None:
        """Commits are not held up, nor do they let the copy begin again and again."""
        for name in ("filler", *TWO):
            await store.commit([notes_commit(name, 1, 500)])
        stop = asyncio.Event()
        committing = asyncio.create_task(commit_until(stop, store))
        before = (await store.cursors("one")).event
        await store.backup(target)
        after = (await store.cursors("one")).event
        stop.set()
        last = await committing
        assert before < after <= last
        async with SQLiteStore.open(target, REGISTRY) as copy:
            heads = {(await copy.cursors(name)).event for name in TWO}
            assert len(heads) == 1
            assert before <= min(heads) <= after
            assert len(await copy.events("one", limit=9999)) == min(heads)
        with closing(sqlite3.connect(target)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    async def test_takes_no_file_s_place_unless_asked(
        self, store: SQLiteStore, target: Path
    ) -> None:
        write(target, "dear diary")
        with pytest.raises(StoreError, match=r"there already; .*replace=True") as refused:
            await store.backup(target)
        assert str(target) in str(refused.value)
        assert content_of(target) == "dear diary"
        await store.commit([notes_commit("s")])
        await store.backup(target, replace=True)
        async with SQLiteStore.open(target, REGISTRY) as copy:
            assert await copy.sessions() == ["s"]

    async def test_takes_no_device_s_place(self, store: SQLiteStore, target: Path) -> None:
        os.mkfifo(target)
        with pytest.raises(StoreError, match="no ordinary file"):
            await store.backup(target, replace=True)
        assert target.is_fifo()  # noqa: ASYNC240 it blocks nothing

    async def test_replaces_the_log_of_the_file_before_too(
        self, store: SQLiteStore, target: Path
    ) -> None:
        """Left behind it would be written into the copy when that is opened."""
        async with SQLiteStore.open(target, REGISTRY) as old:
            await old.commit([notes_commit("old", 1, 100)])
            log = target.with_name("copy.db-wal").read_bytes()
        target.with_name("copy.db-wal").write_bytes(log)
        await store.commit([notes_commit("s")])
        await store.backup(target, replace=True)
        async with SQLiteStore.open(target, REGISTRY) as copy:
            assert await copy.sessions() == ["s"]

    async def test_never_replaces_a_store_that_is_open(
        self, store: SQLiteStore, target: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(StoreLockedError, match="open already"):
            await store.backup(tmp_path / "store.db", replace=True)
        async with SQLiteStore.open(target, REGISTRY) as other:
            with pytest.raises(StoreLockedError, match="open already"):
                await store.backup(target, replace=True)
            await other.commit([notes_commit("s")])
        await store.commit([notes_commit("s")])
        assert await ordinals_of(store, "s") == [1]

    async def test_into_a_missing_directory_is_refused(
        self, store: SQLiteStore, tmp_path: Path
    ) -> None:
        missing = tmp_path / "missing" / "copy.db"
        with pytest.raises(StoreError) as refused:
            await store.backup(missing)
        assert str(missing) in str(refused.value)

    @pytest.mark.usefixtures("one_page_a_step")
    async def test_that_is_cancelled_leaves_nothing(self, store: SQLiteStore, target: Path) -> None:
        await store.commit([notes_commit("s", 1, 2000)])
        for steps in range(1, 40, 3):
            making = asyncio.create_task(store.backup(target))
            for _ in range(steps):
                await asyncio.sleep(0)
            making.cancel()
            with pytest.raises(asyncio.CancelledError):
                await making
            assert files_beside(target) == set()

    @pytest.mark.usefixtures("one_page_a_step")
    async def test_ends_when_the_store_is_closed(self, store: SQLiteStore, target: Path) -> None:
        await store.commit([notes_commit("s", 1, 2000)])
        making = asyncio.create_task(store.backup(target))
        await begun(target)
        await store.aclose()
        with pytest.raises(StoreClosedError, match="during a backup"):
            await making
        with pytest.raises(StoreClosedError):
            await store.backup(target)
        assert files_beside(target) == set()
