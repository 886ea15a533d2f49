from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import pytest

from sessionstream.errors import (
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreVersionError,
)
from sessionstream.hydration import sqlite_schema
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.hydration.sqlite_file import Durability, SQLiteFile, SQLiteSettings
from sessionstream.testing.stores.backend import ordinals_of
from sessionstream.testing.stores.samples import notes_commit, sample_registry

REGISTRY = sample_registry()
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def change(path: Path, *statements: str) -> None:
    """What another program does to the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def files_in(directory: Path) -> set[str]:
    return {found.name for found in directory.iterdir()}


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def pragma(name: str) -> Callable[[sqlite3.Connection], object]:
    def read(db: sqlite3.Connection) -> object:
        (value,) = db.execute(f"PRAGMA {name}").fetchone()
        return value

    return read


async def make_store(path: Path) -> None:
    async with SQLiteStore.open(path, REGISTRY) as store:
        await store.commit([notes_commit("s")])


class TestOpening:
    async def test_open_can_be_entered(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s")])

    async def test_open_can_be_awaited(self, path: Path) -> None:
        store = await SQLiteStore.open(path, REGISTRY)
        await store.commit([notes_commit("s")])
        await store.aclose()

    async def test_a_store_that_was_awaited_can_be_entered(self, path: Path) -> None:
        async with await SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s")])

    async def test_an_opening_that_is_not_used_touches_nothing(self, tmp_path: Path) -> None:
        _ = SQLiteStore.open(tmp_path / "store.db", REGISTRY)
        assert files_in(tmp_path) == set()

    async def test_a_path_may_be_text_and_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        async with SQLiteStore.open("store.db", REGISTRY):
            with pytest.raises(StoreLockedError):
                await SQLiteStore.open(tmp_path / "store.db", REGISTRY)

    async def test_a_cancelled_opening_leaves_nothing_open(self, path: Path) -> None:
        for steps in range(1, 6):
            opening = asyncio.ensure_future(SQLiteStore.open(path, REGISTRY).__aenter__())
            for _ in range(steps):
                await asyncio.sleep(0)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            async with SQLiteStore.open(path, REGISTRY):
                pass

    async def test_a_cancelled_closing_closes_all_the_same(self, path: Path) -> None:
        store = await SQLiteStore.open(path, REGISTRY)
        closing_it = asyncio.create_task(store.aclose())
        await asyncio.sleep(0)
        closing_it.cancel()
        with suppress(asyncio.CancelledError):
            await closing_it
        async with SQLiteStore.open(path, REGISTRY):
            pass

    async def test_closing_leaves_the_file_and_its_lock_file_only(self, path: Path) -> None:
        await make_store(path)
        assert files_in(path.parent) == {"store.db", "store.db.lock"}

    async def test_closing_empties_the_log_beside_the_file(self, path: Path) -> None:
        """Where another program has the file open, SQLite itself leaves the log."""
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s")])
            with closing(sqlite3.connect(path)) as reader:
                assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
                await store.aclose()
                assert (path.parent / "store.db-wal").stat().st_size == 0

    async def test_a_reader_in_a_transaction_does_not_hold_up_the_closing(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY, busy_timeout=300) as store:
            await store.commit([notes_commit("s")])
            with closing(sqlite3.connect(path, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
                await store.commit([notes_commit("s", 2)])
                await store.aclose()
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await ordinals_of(store, "s") == [1, 2]


class TestDurability:
    """No test can cut the power; these are the settings that SQLite documents for it."""

    @pytest.mark.parametrize(("durability", "synchronous"), [("full", 2), ("normal", 1)])
    async def test_decides_when_the_log_is_synced(
        self, path: Path, durability: Durability, synchronous: int
    ) -> None:
        file = SQLiteFile(str(path), SQLiteSettings(durability=durability))
        await file.open()
        assert await file.writer.run(pragma("synchronous")) == synchronous
        assert await file.writer.run(pragma("journal_mode")) == "wal"
        await file.close()

    def test_is_full_unless_asked_otherwise(self) -> None:
        assert SQLiteSettings().durability == "full"


class TestLock:
    async def test_a_second_store_of_the_same_process_is_locked_out(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            with pytest.raises(StoreLockedError, match=f"process {os.getpid()}") as refused:
                await SQLiteStore.open(path, REGISTRY)
            assert str(path) in str(refused.value)
            await store.commit([notes_commit("s")])

    async def test_another_name_of_the_file_has_the_same_lock(self, path: Path) -> None:
        link = path.with_name("link.db")
        link.symlink_to(path)
        async with SQLiteStore.open(path, REGISTRY):
            with pytest.raises(StoreLockedError):
                await SQLiteStore.open(link, REGISTRY)

    async def test_a_closed_store_gives_the_file_free(self, path: Path) -> None:
        for _ in range(3):
            async with SQLiteStore.open(path, REGISTRY):
                pass

    async def test_a_refused_opening_gives_the_file_free(self, path: Path) -> None:
        written(path, b"not a database" * 100)
        for _ in range(2):
            with pytest.raises(StoreCorruptError):
                await SQLiteStore.open(path, REGISTRY)


class TestIdentity:
    async def test_a_newer_file_is_refused_with_the_remedy(self, path: Path) -> None:
        await make_store(path)
        change(path, "PRAGMA user_version = 99")
        with pytest.raises(StoreVersionError, match=r"format 99.*upgrade sessionstream") as refused:
            await SQLiteStore.open(path, REGISTRY)
        assert str(path) in str(refused.value)

    @pytest.mark.parametrize(
        "statement",
        ["CREATE TABLE other (x)", "PRAGMA application_id = 7", "PRAGMA user_version=1"],
    )
    async def test_another_programs_database_is_refused_unchanged(
        self, path: Path, statement: str
    ) -> None:
        change(path, statement)
        before = content_of(path)
        with pytest.raises(StoreCorruptError, match="not a sessionstream store") as refused:
            await SQLiteStore.open(path, REGISTRY)
        assert str(path) in str(refused.value)
        assert content_of(path) == before

    async def test_a_file_that_is_no_database_is_refused_unchanged(self, path: Path) -> None:
        before = b"Dear diary, today I opened the wrong file. " * 99
        with pytest.raises(StoreCorruptError, match="no SQLite database"):
            await SQLiteStore.open(written(path, before), REGISTRY)
        assert content_of(path) == before

    async def test_an_empty_file_becomes_a_store(self, path: Path) -> None:
        await make_store(written(path, b""))

    async def test_an_older_file_is_migrated(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await make_store(path)
        newer = (*sqlite_schema.MIGRATIONS, ("CREATE TABLE labels (label TEXT) STRICT",))
        monkeypatch.setattr(sqlite_schema, "MIGRATIONS", newer)
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await ordinals_of(store, "s") == [1]
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT count(*) FROM labels").fetchone() == (0,)
            assert db.execute("PRAGMA user_version").fetchone() == (len(newer),)

    async def test_a_migration_that_fails_leaves_the_file_as_it_was(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await make_store(path)
        broken = (*sqlite_schema.MIGRATIONS, ("CREATE TABLE labels (label)", "NONSENSE"))
        with monkeypatch.context() as patched:
            patched.setattr(sqlite_schema, "MIGRATIONS", broken)
            with pytest.raises(StoreError, match="NONSENSE"):
                await SQLiteStore.open(path, REGISTRY)
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await ordinals_of(store, "s") == [1]
        with closing(sqlite3.connect(path)) as db:
            assert (
                db.execute("SELECT name FROM sqlite_master WHERE name = 'labels'").fetchall() == []
            )


class TestPlace:
    @pytest.mark.parametrize("name", [":memory:", ""])
    async def test_a_store_without_a_file_is_refused_with_a_hint(self, name: str) -> None:
        with pytest.raises(StoreError, match=r"MemoryStore\(\)"):
            await SQLiteStore.open(name, REGISTRY)

    async def test_a_missing_directory_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "missing" / "store.db"
        with pytest.raises(StoreError, match="directory does not exist; create it") as refused:
            await SQLiteStore.open(path, REGISTRY)
        assert str(path) in str(refused.value)

    async def test_a_directory_is_no_store(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="it is a folder") as refused:
            await SQLiteStore.open(tmp_path, REGISTRY)
        assert str(tmp_path) in str(refused.value)

    async def test_an_unknown_durability_is_refused(self, path: Path) -> None:
        with pytest.raises(StoreError, match="'full' or 'normal'; got 'off'"):
            await SQLiteStore.open(path, REGISTRY, durability=cast(Durability, "off"))


class TestPermissions:
    """As an ordinary user: root may write everything."""

    @pytest.fixture
    def directory(self) -> Iterator[Path]:
        # Not below tmp_path, which other users may not enter.
        directory = Path(tempfile.mkdtemp())
        directory.chmod(0o777)
        yield directory
        directory.chmod(0o777)
        shutil.rmtree(directory)

    @pytest.fixture
    def ordinary_user(self) -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    @pytest.mark.usefixtures("ordinary_user")
    async def test_a_file_that_cant_be_written_is_refused_with_the_remedy(
        self, directory: Path
    ) -> None:
        path = directory / "store.db"
        await make_store(path)
        path.chmod(0o444)
        with pytest.raises(StoreError, match="give this process write access") as refused:
            await SQLiteStore.open(path, REGISTRY)
        assert str(path) in str(refused.value)

    @pytest.mark.usefixtures("ordinary_user")
    async def test_a_directory_that_cant_be_written_is_refused_with_the_remedy(
        self, directory: Path
    ) -> None:
        path = directory / "inner" / "store.db"
        path.parent.mkdir(mode=0o555)
        with pytest.raises(StoreError, match="write access to the directory") as refused:
            await SQLiteStore.open(path, REGISTRY)
        assert str(path) in str(refused.value)
