"""The references: plain loops over `sqlite3`, without order, projections or tasks.

They store the bytes that the Hub stores for the same events (the event, the
whole entity, the session's head) with the same settings of the file. What they
store is encoded before the clock starts, and every statement is prepared once.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.runtime.conversation import Step
from benchmarks.runtime.rounds import Durability

_TABLES = """
    CREATE TABLE sessions (session_key INTEGER PRIMARY KEY, head INTEGER NOT NULL) STRICT;
    CREATE TABLE events (
        session_key INTEGER NOT NULL,
        ordinal     INTEGER NOT NULL,
        name        TEXT NOT NULL,
        payload     BLOB NOT NULL,
        PRIMARY KEY (session_key, ordinal)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entities (
        session_key INTEGER NOT NULL,
        id          TEXT NOT NULL,
        ordinal     INTEGER NOT NULL,
        payload     BLOB NOT NULL,
        PRIMARY KEY (session_key, id)
    ) STRICT, WITHOUT ROWID;
"""
_ADD_EVENT = "INSERT INTO events VALUES (:session, :ordinal, :name, :event)"
_PUT_ENTITY = """
    INSERT INTO entities VALUES (:session, :id, :ordinal, :entity)
    ON CONFLICT DO UPDATE SET ordinal = excluded.ordinal, payload = excluded.payload
"""
_MOVE_HEAD = """
    INSERT INTO sessions VALUES (:session, :ordinal) ON CONFLICT DO UPDATE SET head = excluded.head
"""

Transactions = tuple[tuple[str, ...], ...]
"""The transactions of one event, each with its statements."""

ONE_COMMIT: Transactions = ((_ADD_EVENT, _PUT_ENTITY, _MOVE_HEAD),)
# As the original does it: the log, the timeline and the cursor each for itself.
THREE_COMMITS: Transactions = ((_ADD_EVENT,), (_PUT_ENTITY,), (_MOVE_HEAD,))

LABELS = {ONE_COMMIT: "sqlite3, a commit per event", THREE_COMMITS: "sqlite3, 3 commits per event"}

Row = dict[str, int | str | bytes]


def rows(steps: Sequence[Step], sessions: int = 1) -> list[Row]:
    """Returns what the steps store, of every session in turn."""
    return [
        {
            "session": session,
            "ordinal": ordinal,
            "name": step.name,
            "event": step.payload.SerializeToString(deterministic=True),
            "id": step.message.message_id,
            "entity": step.message.SerializeToString(deterministic=True),
        }
        for ordinal, step in enumerate(steps, start=1)
        for session in range(sessions)
    ]


def write(
    database: Path, todo: Sequence[Row], transactions: Transactions, durability: Durability = "full"
) -> list[float]:
    """Stores every row by itself; returns the seconds that each took."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute(f"PRAGMA synchronous = {durability}")
        db.executescript(_TABLES)
        taken = [_seconds(db, row, transactions) for row in todo]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return taken


def _seconds(db: sqlite3.Connection, row: Row, transactions: Transactions) -> float:
    start = time.perf_counter()
    for statements in transactions:
        db.execute("BEGIN IMMEDIATE")
        for statement in statements:
            db.execute(statement, row)
        db.execute("COMMIT")
    return time.perf_counter() - start
