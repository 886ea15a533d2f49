"""The tables of a store's file, and how older files become current ones.

``application_id`` says that the file is ours, ``user_version`` how many of the
migrations it has seen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sessionstream.errors import StoreCorruptError, StoreVersionError

APPLICATION_ID = int.from_bytes(b"sess", "big")

# A session's id is long and its rows are many: they carry an integer instead.
# Rows are clustered by session, so that a log and a timeline are read in one
# sweep. Names and types are spelled out: a file explains itself.
_VERSION_1 = (
    """
    CREATE TABLE sessions (
        session_key     INTEGER PRIMARY KEY,
        session_id      TEXT NOT NULL UNIQUE,
        epoch           TEXT NOT NULL,
        event_head      INTEGER NOT NULL,
        ui_cursor       INTEGER NOT NULL CHECK (ui_cursor BETWEEN 0 AND event_head),
        timeline_cursor INTEGER NOT NULL CHECK (timeline_cursor BETWEEN 0 AND event_head)
    ) STRICT
    """,
    """
    CREATE TABLE events (
        session_key  INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        ordinal      INTEGER NOT NULL CHECK (ordinal > 0),
        name         TEXT NOT NULL,
        message_type TEXT NOT NULL,
        payload      BLOB NOT NULL,
        PRIMARY KEY (session_key, ordinal)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE entities (
        session_key        INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        kind               TEXT NOT NULL,
        id                 TEXT NOT NULL,
        created_ordinal    INTEGER NOT NULL,
        last_event_ordinal INTEGER NOT NULL,
        message_type       TEXT NOT NULL,
        payload            BLOB NOT NULL,
        PRIMARY KEY (session_key, kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE errors (
        session_key INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        source      TEXT NOT NULL,
        ordinal     INTEGER NOT NULL,
        name        TEXT NOT NULL,
        error_type  TEXT NOT NULL,
        message     TEXT NOT NULL,
        occurred_at REAL NOT NULL,
        attempts    INTEGER NOT NULL,
        PRIMARY KEY (session_key, source, ordinal, name)
    ) STRICT, WITHOUT ROWID
    """,
)

# A log may begin above 1, with the timeline as it stood there kept beside it. A
# session may be closed, an error record resolved; those of all sessions are
# listed by their time.
_VERSION_2 = (
    "ALTER TABLE sessions ADD COLUMN log_start INTEGER NOT NULL DEFAULT 0 CHECK (log_start >= 0)",
    "ALTER TABLE sessions ADD COLUMN closed_at REAL",
    "ALTER TABLE errors ADD COLUMN resolved_at REAL",
    "CREATE INDEX closed_sessions ON sessions (closed_at) WHERE closed_at IS NOT NULL",
    "CREATE INDEX errors_by_time ON errors (occurred_at)",
    """
    CREATE TABLE base_entities (
        session_key        INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        kind               TEXT NOT NULL,
        id                 TEXT NOT NULL,
        created_ordinal    INTEGER NOT NULL,
        last_event_ordinal INTEGER NOT NULL,
        message_type       TEXT NOT NULL,
        payload            BLOB NOT NULL,
        PRIMARY KEY (session_key, kind, id)
    ) STRICT, WITHOUT ROWID
    """,
)

# The names of the projections that made the stored timeline, as a JSON array; NULL: not known.
_VERSION_3 = ("ALTER TABLE sessions ADD COLUMN projections TEXT",)

# What only returning clients need: UI events, and what became of commands. How much there is of
# both, and since when, stands in the session's row, which is written with every commit anyway.
# What clients were shown of older sessions was not noted; at most, all of it was.
_VERSION_4 = (
    "ALTER TABLE sessions ADD COLUMN shown INTEGER NOT NULL DEFAULT 0 CHECK (shown >= 0)",
    "ALTER TABLE sessions ADD COLUMN ui_batches INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN ui_bytes INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN ui_since REAL NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN commands INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN commands_since REAL NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN kept_at REAL NOT NULL DEFAULT 0",
    "UPDATE sessions SET shown = ui_cursor",
    """
    CREATE TABLE ui_events (
        session_key      INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        ordinal          INTEGER NOT NULL CHECK (ordinal > 0),
        batch_index      INTEGER NOT NULL,
        batch_size       INTEGER NOT NULL,
        previous_ordinal INTEGER NOT NULL,
        stored_at        REAL NOT NULL,
        name             TEXT NOT NULL,
        message_type     TEXT NOT NULL,
        payload          BLOB NOT NULL,
        PRIMARY KEY (session_key, ordinal, batch_index)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE commands (
        session_key INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        command_id  TEXT NOT NULL,
        name        TEXT NOT NULL,
        status      TEXT NOT NULL,
        ordinal     INTEGER NOT NULL,
        at          REAL NOT NULL,
        code        TEXT NOT NULL,
        message     TEXT NOT NULL,
        stored_at   REAL NOT NULL,
        PRIMARY KEY (session_key, command_id)
    ) STRICT, WITHOUT ROWID
    """,
)

# Whose command it was. Of those in older files nobody knows, so no client is told their outcome.
_VERSION_5 = ("ALTER TABLE commands ADD COLUMN principal TEXT NOT NULL DEFAULT ''",)

# Statements per version, oldest first. Only ever append: files in the field
# have run those above.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
)


def check_identity(db: sqlite3.Connection, location: str) -> None:
    """Refuses a file that is not ours, before anything in it is changed.

    Raises:
        StoreCorruptError: It is another program's database.
        StoreVersionError: A newer release wrote it.
    """
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    is_new = (application_id, version, tables) == (0, 0, 0)
    if application_id != APPLICATION_ID and not is_new:
        raise StoreCorruptError(
            location, "a SQLite database, but not a sessionstream store; give another path"
        )
    if version > len(MIGRATIONS):
        raise StoreVersionError(
            location,
            f"the file has format {version}, and this release reads up to {len(MIGRATIONS)}; "
            "upgrade sessionstream",
        )


def migrate(db: sqlite3.Connection) -> None:
    """Brings the file to the current version, in one transaction.

    One that is current has to be writable, too, but is not written to: a full
    disk does not keep it from being opened.
    """
    with transaction(db):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == len(MIGRATIONS):
            # Begun on a file that can't be written, a transaction only reads; this tells.
            db.execute("DELETE FROM sessions WHERE FALSE")
            return
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commits what the block writes, or nothing of it when the block or the commit fails."""
    # IMMEDIATE: a transaction that starts as a reader can fail when it first writes.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:  # whatever it was, no transaction stays open
        # SQLite has rolled back by itself after some errors, as a full disk.
        if db.in_transaction:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise
