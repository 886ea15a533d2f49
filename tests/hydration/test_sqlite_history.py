"""Kept UI events and commands in a file: their rows, what can't be read, what idle ones cost."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import UninterpretedOption
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream.errors import StoreCorruptError, StoreError
from sessionstream.hydration.base import Retention
from sessionstream.hydration.keeping import SWEPT_AT_ONCE, SWEPT_ROWS
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.schema import SchemaRegistry
from sessionstream.testing.stores.backend import shown_of
from sessionstream.testing.stores.samples import (
    NOTE_SHOWN,
    ran,
    sample_registry,
    shown,
    shown_commit,
    still_commit,
)
from sessionstream.types import UIBatch, UIEvent

REGISTRY = sample_registry()
TEXT = "google.protobuf.StringValue"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(statement).fetchall()


async def fill(path: Path, *batches: UIBatch, last: int = 0) -> None:
    async with SQLiteStore.open(path, REGISTRY, clock=Clock()) as store:
        commit = shown_commit("s", 1, *batches, last=last)
        await store.commit([replace(commit, commands=[ran("c")])])


async def read(path: Path, registry: SchemaRegistry = REGISTRY) -> list[UIBatch]:
    async with SQLiteStore.open(path, registry, clock=Clock()) as store:
        return await store.ui_batches("s")


class TestTheRows:
    async def test_explain_themselves(self, path: Path) -> None:
        await fill(path, shown("s", 1, 0, "a", "b"), shown("s", 3, 1, "c"), last=3)
        columns = "ordinal, batch_index, batch_size, previous_ordinal, stored_at, name"
        assert query(path, f"SELECT {columns} FROM ui_events") == [
            (1, 0, 2, 0, 1000.0, NOTE_SHOWN),
            (1, 1, 2, 0, 1000.0, NOTE_SHOWN),
            (3, 0, 1, 1, 1000.0, NOTE_SHOWN),
        ]
        payload = StringValue(value="c").SerializeToString(deterministic=True)
        last = "SELECT message_type, payload FROM ui_events WHERE ordinal = 3"
        assert query(path, last) == [(TEXT, payload)]
        assert query(path, "SELECT command_id, status, at FROM commands") == [
            ("c", "accepted", 1.5)
        ]

    async def test_are_counted_in_the_row_of_their_session(self, path: Path) -> None:
        await fill(path, shown("s", 1, 0, "a", "b"), shown("s", 3, 1, "c"), last=3)
        counted = "SELECT shown, ui_batches, ui_bytes, commands FROM sessions"
        found = """
            SELECT max(ordinal), count(DISTINCT ordinal), sum(length(payload)),
                   (SELECT count(*) FROM commands)
            FROM ui_events
        """
        assert query(path, counted) == query(path, found) == [(3, 2, 9, 1)]

    async def test_go_with_their_session(self, path: Path) -> None:
        await fill(path, shown("s", 1))
        async with SQLiteStore.open(path, REGISTRY) as store:
            await store.delete_session("s")
        assert query(path, "SELECT count(*) FROM ui_events") == [(0,)]
        assert query(path, "SELECT count(*) FROM commands") == [(0,)]


class TestUIEventsThatCannotBeRead:
    """A client gets a snapshot instead; nothing else fails."""

    async def test_of_a_name_that_is_gone_say_so(self, path: Path) -> None:
        await fill(path, shown("s", 1))
        [batch] = await read(path, SchemaRegistry())
        assert batch.events == ()
        assert "no UI event 'NoteShown' is registered" in batch.unreadable

    async def test_of_another_type_say_so(self, path: Path) -> None:
        await fill(path, shown("s", 1))
        registry = SchemaRegistry()
        registry.register_ui_event(NOTE_SHOWN, Int64Value)
        [batch] = await read(path, registry)
        assert batch.events == ()
        assert f"it was stored as {TEXT}" in batch.unreadable

    async def test_whose_bytes_are_damaged_say_so_and_hide_no_others(self, path: Path) -> None:
        await fill(path, shown("s", 1, 0, "a", "b"), shown("s", 2, 1), last=2)
        query(path, "UPDATE ui_events SET payload = x'0aff' WHERE ordinal = 1 AND batch_index = 1")
        first, second = await read(path)
        assert (first.ordinal, first.events) == (1, ())
        assert TEXT in first.unreadable
        assert (second.unreadable, len(second.events)) == ("", 1)

    async def test_that_are_not_all_there_say_so(self, path: Path) -> None:
        await fill(path, shown("s", 1, 0, "a", "b"))
        query(path, "DELETE FROM ui_events WHERE batch_index = 1")
        [batch] = await read(path)
        assert batch.events == ()
        assert "1 of its 2 UI events" in batch.unreadable

    async def test_a_payload_that_cannot_be_encoded_is_refused_with_its_place(
        self, path: Path
    ) -> None:
        incomplete = UninterpretedOption.NamePart()
        event = UIEvent[Message](name="Part", payload=incomplete)
        async with SQLiteStore.open(path, REGISTRY) as store:
            with pytest.raises(StoreError, match="session 's': 'Part' can't be encoded"):
                await store.commit([shown_commit("s", 1, replace(shown("s", 1), events=(event,)))])
            assert await store.sessions() == []


async def test_a_command_of_an_unknown_status_is_reported(path: Path) -> None:
    await fill(path, shown("s", 1))
    query(path, "UPDATE commands SET status = 'moon'")
    async with SQLiteStore.open(path, REGISTRY, clock=Clock()) as store:
        with pytest.raises(StoreCorruptError, match=r"command 'c' of session 's'.*'moon'"):
            await store.command("s", "c")


class TestTheSweepOfIdleSessions:
    """It is part of other sessions' commits, and a small one."""

    async def test_looks_at_some_sessions_a_second_and_at_all_in_turn(self, path: Path) -> None:
        sessions = 2 * SWEPT_AT_ONCE + 10
        async with swept(path, sessions, 1) as lefts:
            found = [await anext(lefts) for _ in range(4)]
        assert found == [SWEPT_AT_ONCE + 10, 10, 0, 0]

    async def test_ends_early_where_it_has_much_to_remove(self, path: Path) -> None:
        async with swept(path, 10, SWEPT_ROWS // 2) as lefts:
            assert [await anext(lefts) for _ in range(4)] == [7, 4, 1, 0]


def idle(number: int) -> str:
    return f"idle {number}"


@asynccontextmanager
async def swept(path: Path, sessions: int, batches: int) -> AsyncIterator[AsyncIterator[int]]:
    """Gives how many idle sessions are left after each second in which another is written to."""
    clock = Clock()
    limits = Retention(ui_seconds=100)

    async def lefts() -> AsyncIterator[int]:
        while True:
            clock.now += 1000  # what is idle is too old for this moment only
            await store.commit([still_commit("busy", 0)])
            await store.commit([still_commit("busy", 0)])  # in the same second
            clock.now -= 1000
            names = [idle(number) for number in range(sessions)]
            yield sum([len(await shown_of(store, name)) > 0 for name in names])
            clock.now += 1

    async with SQLiteStore.open(path, REGISTRY, retention=limits, clock=clock) as store:
        for number in range(sessions):
            name = idle(number)
            shows = [shown(name, each, each - 1) for each in range(1, batches + 1)]
            await store.commit([shown_commit(name, 1, *shows, last=batches)])
        yield lefts()
