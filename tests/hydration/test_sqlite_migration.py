"""Files of older formats: they become current ones, and nothing in them is lost."""

from __future__ import annotations

import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from subprocess import run

import pytest

from sessionstream.hydration.base import BaseTimeline, Cursors
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.hydration.sqlite_schema import APPLICATION_ID, MIGRATIONS
from sessionstream.testing.stores.backend import ordinals_of, shown_of, texts_of
from sessionstream.testing.stores.samples import (
    failure,
    note,
    note_added,
    notes_commit,
    sample_registry,
    shown,
    shown_commit,
    still_commit,
)

REGISTRY = sample_registry()
CHILD = Path(__file__).with_name("child_migrates.py")
TEXT = "google.protobuf.StringValue"
TABLES = ("sessions", "events", "entities", "errors")


def make_version_1(path: Path) -> None:
    """Writes what the first release did: two sessions, one of them with all there is."""
    error = ("timeline", 2, "NoteAdded", "LookupError", "no such note", 1.5, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        db.execute("INSERT INTO sessions VALUES (1, 's', 'first life', 2, 2, 1)")
        db.execute("INSERT INTO sessions VALUES (2, 'other', 'its life', 0, 0, 0)")
        for ordinal in (1, 2):
            payload = note_added("s", ordinal).payload.SerializeToString()
            event = (ordinal, "NoteAdded", TEXT, payload)
            db.execute("INSERT INTO events VALUES (1, ?, ?, ?, ?)", event)
        entity = note("a", "kept").payload
        assert entity is not None
        row = ("Note", "a", 1, 1, TEXT, entity.SerializeToString())
        db.execute("INSERT INTO entities VALUES (1, ?, ?, ?, ?, ?, ?)", row)
        db.execute("INSERT INTO errors VALUES (1, ?, ?, ?, ?, ?, ?, ?)", error)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")


def make_version_3(path: Path) -> None:
    """Writes what the release before UI events were kept did: the same, compacted and closed."""
    make_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in (*MIGRATIONS[1], *MIGRATIONS[2]):
            db.execute(statement)
        db.execute("UPDATE sessions SET log_start = 1, closed_at = 7.5, projections = '[\"a\"]'")
        db.execute("DELETE FROM events WHERE ordinal = 1")
        db.execute("INSERT INTO base_entities SELECT * FROM entities")
        db.execute("PRAGMA user_version = 3")


def make_version_4(path: Path) -> None:
    """Writes what the release before commands had principals did: the same, and a command."""
    make_version_3(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in MIGRATIONS[3]:
            db.execute(statement)
        row = ("c", "AddNote", "completed", 2, 1.5, "", "", time.time())
        db.execute("INSERT INTO commands VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.execute("UPDATE sessions SET commands = 1 WHERE session_key = 1")
        db.execute("PRAGMA user_version = 4")


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [f"{db.execute('PRAGMA user_version').fetchone()}", *db.iterdump()]


def killed_migrations(path: Path) -> int:
    """Kills a migration at each of its statements in turn; returns how many there are."""
    before = dump(path)
    kills = 0
    while ended := run([sys.executable, CHILD, path, str(kills + 1)], check=False).returncode:
        assert ended == -signal.SIGKILL
        assert dump(path) == before
        kills += 1
    return kills


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    make_version_1(path)
    return path


class TestAFileOfVersion1:
    async def test_keeps_all_that_it_held(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await store.sessions() == ["other", "s"]
            assert await store.events("s") == [note_added("s", 1), note_added("s", 2)]
            assert await store.timeline("s") == [note("a", "kept")]
            cursors = await store.cursors("s")
            assert (cursors.event, cursors.ui, cursors.timeline) == (2, 2, 1)
            assert cursors.epoch == "first life"
            [error] = await store.errors("s")
            assert (error.ordinal, error.attempts, error.message) == (2, 3, "no such note")

    async def test_does_not_say_what_made_its_timelines(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert (await store.cursors("s")).projections is None

    async def test_works_as_a_new_one_does(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.commit([notes_commit("s", 3, entities=[note("b", "new", changed=3)])])
            await store.commit([still_commit("other", 0, errors=[failure("other", 1)])])
            assert await ordinals_of(store, "s") == [1, 2, 3]
            assert await texts_of(store, "s") == {"a": "kept", "b": "new"}
            await store.delete_session("s")
            assert await store.sessions() == ["other"]

    async def test_has_the_tables_of_a_new_one_afterwards(self, path: Path, tmp_path: Path) -> None:
        new = tmp_path / "new.db"
        for each in (path, new):
            async with SQLiteStore.open(each, REGISTRY):
                pass
        assert [line for line in dump(path) if not line.startswith("INSERT")] == dump(new)

    @pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
    async def test_is_the_old_one_when_its_migration_is_killed_at_any_statement(
        self, path: Path
    ) -> None:
        assert killed_migrations(path) > len(MIGRATIONS[1])
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await ordinals_of(store, "s") == [1, 2]

    async def test_counts_what_clients_may_have_been_shown_as_shown(self, path: Path) -> None:
        """Nobody noted it. To know of too little would hide a gap from whoever comes back."""
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert (await store.cursors("s")).shown == 2
            assert (await store.cursors("other")).shown == 0
            assert await store.ui_batches("s") == []
            await store.commit([shown_commit("s", 3, shown("s", 3, 2))])
            assert await shown_of(store, "s") == [3]


class TestAFileOfVersion3:
    async def test_keeps_all_that_it_held(self, tmp_path: Path) -> None:
        path = tmp_path / "store.db"
        make_version_3(path)
        async with SQLiteStore.open(path, REGISTRY) as store:
            assert await store.events("s") == [note_added("s", 2)]
            assert await store.timeline("s") == [note("a", "kept")]
            assert await store.base_timeline("s") == BaseTimeline(1, (note("a", "kept"),))
            assert sorted(await store.closed_sessions()) == ["other", "s"]
            cursors = Cursors(
                event=2,
                ui=2,
                timeline=1,
                epoch="first life",
                log_start=1,
                projections=("a",),
                shown=2,
            )
            assert await store.cursors("s") == cursors

    async def test_has_the_tables_of_a_new_one_afterwards(self, tmp_path: Path) -> None:
        path, new = tmp_path / "store.db", tmp_path / "new.db"
        make_version_3(path)
        for each in (path, new):
            async with SQLiteStore.open(each, REGISTRY):
                pass
        assert [line for line in dump(path) if not line.startswith("INSERT")] == dump(new)

    @pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
    async def test_is_the_old_one_when_its_migration_is_killed_at_any_statement(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "store.db"
        make_version_3(path)
        assert killed_migrations(path) > len(MIGRATIONS[3])


class TestAFileOfVersion4:
    async def test_keeps_its_commands_as_nobodys(self, tmp_path: Path) -> None:
        path = tmp_path / "store.db"
        make_version_4(path)
        async with SQLiteStore.open(path, REGISTRY) as store:
            record = await store.command("s", "c")
            assert record is not None
            assert (record.name, record.status, record.principal) == ("AddNote", "completed", "")

    async def test_has_the_tables_of_a_new_one_afterwards(self, tmp_path: Path) -> None:
        path, new = tmp_path / "store.db", tmp_path / "new.db"
        make_version_4(path)
        for each in (path, new):
            async with SQLiteStore.open(each, REGISTRY):
                pass
        assert [line for line in dump(path) if not line.startswith("INSERT")] == dump(new)
