"""What a running store does when its file, its disk or its neighbours fail it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sessionstream.errors import (
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.hydration.sqlite_errors import store_error, translated
from sessionstream.testing.stores.backend import ordinals_of, texts_of
from sessionstream.testing.stores.samples import note, notes_commit, sample_registry

REGISTRY = sample_registry()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class TestFullStore:
    async def test_a_commit_without_space_stores_nothing(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY, max_bytes=200_000) as store:
            await store.commit([notes_commit("s", entities=[note("a", "small")])])
            large = [note("b", "x" * 300_000)]
            with pytest.raises(StoreFullError, match="no space") as refused:
                await store.commit([notes_commit("new"), notes_commit("s", 2, entities=large)])
            assert str(path) in str(refused.value)
            assert await store.sessions() == ["s"]
            assert await ordinals_of(store, "s") == [1]
            assert await texts_of(store, "s") == {"a": "small"}

    async def test_a_full_store_goes_on_once_there_is_space(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY, max_bytes=200_000) as store:
            filler = [note("a", "x" * 100_000)]
            await store.commit([notes_commit("old", entities=filler)])
            with pytest.raises(StoreFullError):
                await store.commit([notes_commit("new", entities=filler)])
            await store.commit([notes_commit("small")])
            await store.delete_session("old")
            await store.commit([notes_commit("new", entities=filler)])
            assert await store.sessions() == ["new", "small"]


class TestOtherPrograms:
    async def test_a_commit_against_a_foreign_lock_stores_nothing_and_says_so(
        self, path: Path
    ) -> None:
        async with SQLiteStore.open(path, REGISTRY, busy_timeout=0) as store:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreLockedError, match="another program") as refused:
                    await store.commit([notes_commit("s")])
                assert str(path) in str(refused.value)
                assert await store.sessions() == []
                other.execute("ROLLBACK")
            await store.commit([notes_commit("s")])
            assert await ordinals_of(store, "s") == [1]

    async def test_opening_against_a_foreign_lock_says_so(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY):
            pass
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLockedError, match="another program"):
                await SQLiteStore.open(path, REGISTRY, busy_timeout=0)


def damage(path: Path, after: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:after].ljust(len(content), b"\xa5"))


class TestDamagedFile:
    async def test_a_damaged_page_is_reported_when_it_is_read(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s", 1, 2000)])
        damage(path, after=40_960)
        async with SQLiteStore.open(path, REGISTRY) as store:
            with pytest.raises(StoreCorruptError, match="damaged") as refused:
                await store.events("s", limit=5000)
            assert str(path) in str(refused.value)

    async def test_text_that_is_no_utf_8_is_reported(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s")])
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("UPDATE events SET name = CAST(x'ff' AS TEXT)")
            with pytest.raises(StoreCorruptError, match="damaged"):
                await store.events("s")


class TestErrorTranslation:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (sqlite3.SQLITE_BUSY, StoreLockedError),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreLockedError),
            (sqlite3.SQLITE_LOCKED, StoreLockedError),
            (sqlite3.SQLITE_CORRUPT, StoreCorruptError),
            (sqlite3.SQLITE_CORRUPT_VTAB, StoreCorruptError),
            (sqlite3.SQLITE_NOTADB, StoreCorruptError),
            (sqlite3.SQLITE_FULL, StoreFullError),
            (sqlite3.SQLITE_READONLY, StoreError),
            (sqlite3.SQLITE_IOERR_FSYNC, StoreError),
            (sqlite3.SQLITE_CONSTRAINT, StoreError),
        ],
    )
    def test_a_result_code_becomes_the_error_that_names_its_remedy(
        self, code: int, kind: type[StoreError]
    ) -> None:
        error = sqlite3.OperationalError("as SQLite says")
        error.sqlite_errorcode = code
        translation = store_error("chat.db", error)
        assert type(translation) is kind
        assert str(translation).startswith("chat.db: ")
        assert "as SQLite says" in str(translation)

    def test_the_error_of_sqlite_is_the_cause(self) -> None:
        with (
            closing(sqlite3.connect(":memory:")) as db,
            pytest.raises(StoreError) as raised,
            translated("chat.db"),
        ):
            db.execute("NONSENSE")
        assert isinstance(raised.value.__cause__, sqlite3.OperationalError)
