"""What a deleted session leaves in the files: nothing of what it held."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.hydration.sqlite_sessions import COMPACTED_AT_ONCE
from sessionstream.testing.stores.backend import ordinals_of, texts_of
from sessionstream.testing.stores.samples import (
    failure,
    note,
    note_added,
    notes_commit,
    ran,
    sample_registry,
    shown,
    still_commit,
)

SECRET = "kept-to-itself"
REGISTRY = sample_registry()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore.open(path, REGISTRY) as store:
        yield store


def traces(path: Path, text: str = SECRET) -> dict[str, int]:
    """How often each of the store's files has the text."""
    found = {
        file.name: file.read_bytes().count(text.encode())
        for file in path.parent.iterdir()
        if file.name.startswith(path.name)
    }
    return {name: count for name, count in found.items() if count}


def size_of(path: Path) -> int:
    return path.stat().st_size


def write_into_free_part(path: Path, text: str) -> None:
    """Writes between the pointers and the rows of a page of the events."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        page = file.read(size)
        # https://www.sqlite.org/fileformat.html, section 1.6
        rows, content = struct.unpack(">HH", page[3:7])
        free = 12 + 2 * rows
        assert free + len(text) < content
        file.seek((root - 1) * size + free)
        file.write(text.encode())


async def fill(store: SQLiteStore, session_id: str, text: str, rounds: int = 60) -> None:
    """Events and entities of many sizes, entities that grow, shrink and go, errors, UI events."""
    for ordinal in range(1, rounds + 1):
        size = (ordinal * 37) % 400
        event = note_added(session_id, ordinal, f"{text} {'x' * size} {text}")
        entities = [
            note("grows", f"{text} " * (ordinal * 20), changed=ordinal),
            note(f"{text}-{ordinal % 17}", f"{text} {'y' * (size * 9)}", changed=ordinal),
        ]
        errors = [failure(session_id, ordinal, message=f"no {text}")]
        commit = notes_commit(session_id, ordinal, entities=entities, errors=errors)
        batch = shown(session_id, ordinal, ordinal - 1, f"{text} {'z' * size}", text)
        command = replace(ran(f"{text}-{ordinal % 17}"), message=text)
        await store.commit(
            [replace(commit, events=[event], ui_batches=[batch], commands=[command])]
        )


class TestADeletedSession:
    async def test_leaves_nothing_to_read_in_any_file(self, store: SQLiteStore, path: Path) -> None:
        """Not in pages that are free again, nor behind cells that moved, nor in the log."""
        for session_id in (f"a {SECRET}", f"b {SECRET}"):
            await fill(store, session_id, SECRET)
            await fill(store, f"other than {session_id[0]}", "anything else")
        assert traces(path)
        for session_id in (f"a {SECRET}", f"b {SECRET}"):
            await store.delete_session(session_id)
        assert traces(path) == {}
        assert await store.sessions() == ["other than a", "other than b"]
        assert len(await store.events("other than a")) == 60

    async def test_leaves_nothing_once_the_store_is_closed(self, path: Path) -> None:
        async with SQLiteStore.open(path, REGISTRY) as store:
            await fill(store, "s", SECRET)
            await store.delete_session("s")
        assert traces(path) == {}

    async def test_that_another_program_reads_is_gone_from_the_files_when_that_ends(
        self, store: SQLiteStore, path: Path
    ) -> None:
        await fill(store, "s", SECRET)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM events").fetchone() == (60,)
            await store.delete_session("s")
            assert await store.sessions() == []
            await store.commit([notes_commit("goes on")])
            assert reader.execute("SELECT count(*) FROM events").fetchone() == (60,)
        await store.delete_session("goes on")
        assert traces(path) == {}

    async def test_by_a_purge_leaves_as_little(self, store: SQLiteStore, path: Path) -> None:
        await fill(store, "s", SECRET)
        await store.close_session("s", 1.0)
        assert await store.purge(keep=0) == ["s"]
        assert traces(path) == {}


class TestVacuum:
    async def test_gives_the_space_of_what_was_deleted_back(
        self, store: SQLiteStore, path: Path
    ) -> None:
        await store.commit([notes_commit("s", entities=[note("a", "x" * 500_000)])])
        await store.commit([notes_commit("kept", entities=[note("a", "kept")])])
        await store.delete_session("s")
        assert size_of(path) > 500_000
        await store.vacuum()
        assert size_of(path) < 100_000
        assert await texts_of(store, "kept") == {"a": "kept"}
        await store.commit([notes_commit("kept", 2)])

    async def test_removes_what_lies_in_free_parts_of_pages(
        self, store: SQLiteStore, path: Path
    ) -> None:
        """There SQLite may leave a copy of a row that it moved, which no deletion finds."""
        await fill(store, "kept", "anything else")
        write_into_free_part(path, SECRET)
        assert traces(path)
        await store.vacuum()
        assert traces(path) == {}
        assert await ordinals_of(store, "kept") == list(range(1, 61))


class TestACompactedLog:
    async def test_leaves_nothing_of_its_events(self, store: SQLiteStore, path: Path) -> None:
        for ordinal in range(1, 41):
            event = note_added("s", ordinal, SECRET if ordinal <= 20 else "later")
            await store.commit([replace(notes_commit("s", ordinal), events=[event])])
        await store.compact("s", 20, [note("a", "base")])
        assert traces(path) == {}
        assert await ordinals_of(store, "s") == list(range(21, 41))

    async def test_is_removed_in_several_transactions(self, store: SQLiteStore, path: Path) -> None:
        """One alone would hold up the commits of others for long."""
        last = 2 * COMPACTED_AT_ONCE + 5
        await store.commit([notes_commit("s", 1, last), notes_commit("other", 1, 3)])
        await store.compact("s", last - 3, ())
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT count(*) FROM events").fetchone() == (6,)
        assert await ordinals_of(store, "s") == [last - 2, last - 1, last]
        await store.commit([still_commit("s", last)])

    async def test_whose_removal_was_interrupted_is_read_from_its_start(
        self, store: SQLiteStore, path: Path
    ) -> None:
        await store.commit([notes_commit("s", 1, 9)])
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("UPDATE sessions SET log_start = 4")
        assert await ordinals_of(store, "s", limit=2) == [5, 6]
        await store.compact("s", 4, ())
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT min(ordinal) FROM events").fetchone() == (5,)
