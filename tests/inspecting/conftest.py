from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Hub, ProjectionError, SchemaRegistry, cli
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.samples import (
    NOTE_ADDED,
    failure,
    note,
    ran,
    sample_registry,
    shown,
    shown_commit,
)
from tests.inspecting import notes_app

Rows = Callable[..., list[dict[str, object]]]
Damage = Callable[[str], None]


async def filled(path: Path, **sessions: int) -> Path:
    """Lets a Hub publish as many notes to each session."""
    registry = SchemaRegistry()
    async with SQLiteStore.open(path, registry) as store, Hub(registry, store=store) as hub:
        notes_app.install(hub)
        for session_id, count in sessions.items():
            for number in range(1, count + 1):
                # Behind an event that a projection refuses, the others are held back with it.
                with suppress(*([ProjectionError] if notes_app.refused else [])):
                    await hub.publish(session_id, NOTE_ADDED, StringValue(value=f"text {number}"))
    return path


async def full_store(path: Path) -> Path:
    """Makes a store that has all that a file can have of a session, its log compacted."""
    commit = shown_commit("s", 1, shown("s", 2), last=3)
    entities, errors = [note("n1", "first"), note("n2", "\u2028")], [failure("s", 2)]
    async with SQLiteStore.open(path, sample_registry()) as store:
        everything = replace(commit, entities=entities, errors=errors, commands=[ran("c1")])
        await store.commit([everything])
        await store.compact("s", 2, [note("n1", "first")])
    return path


@pytest.fixture
async def store_file(tmp_path: Path) -> Path:
    """Has a session ``s`` of 4 events and one ``t`` of 2; nobody has it open."""
    return await filled(tmp_path / "a.db", s=4, t=2)


@pytest.fixture
async def held_back(tmp_path: Path, refusing: set[str]) -> Path:
    """Has a session ``s`` whose timeline projection failed on the third of its 4 events."""
    refusing.add("text 3")
    return await filled(tmp_path / "held.db", s=4)


@pytest.fixture
def refusing() -> Iterator[set[str]]:
    yield notes_app.refused
    notes_app.refused.clear()


@pytest.fixture
def rows(capsys: pytest.CaptureFixture[str]) -> Rows:
    """Returns what ``inspect … --json`` prints, and holds it against its exit status."""

    def run(path: Path, *arguments: str, status: int = 0) -> list[dict[str, object]]:
        assert cli.main(["inspect", str(path), *arguments, "--json"]) == status
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.fixture
def damage(store_file: Path) -> Damage:
    """Changes rows of the store's file behind its back."""

    def run(statement: str) -> None:
        with closing(sqlite3.connect(store_file)) as db, db:
            db.execute("PRAGMA ignore_check_constraints = ON")
            assert db.execute(statement).rowcount > 0

    return run
