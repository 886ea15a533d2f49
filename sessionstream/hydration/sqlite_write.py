"""The transactions that change a store's file; each runs on the writer's thread."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence

from sessionstream.hydration.base import Cursors
from sessionstream.hydration.batch import next_cursors
from sessionstream.hydration.sqlite_dead_letters import resolve_passed
from sessionstream.hydration.sqlite_rows import SessionRows
from sessionstream.hydration.sqlite_schema import transaction

_FIND_SESSION = """
    SELECT session_key, event_head, ui_cursor, timeline_cursor, epoch, log_start
    FROM sessions WHERE session_id = ?
"""
_ADD_SESSION = """
    INSERT INTO sessions (session_id, epoch, event_head, ui_cursor, timeline_cursor)
    VALUES (?, ?, ?, ?, ?) RETURNING session_key
"""
_MOVE_SESSION = """
    UPDATE sessions SET event_head = ?1, ui_cursor = ?2, timeline_cursor = ?3,
        closed_at = CASE WHEN event_head = ?1 THEN closed_at END
    WHERE session_key = ?4
"""
_NAME_PROJECTIONS = "UPDATE sessions SET projections = ? WHERE session_key = ?"
_ADD_EVENT = """
    INSERT INTO events (session_key, ordinal, name, message_type, payload)
    VALUES (?, ?, ?, ?, ?)
"""
_CLEAR_ENTITIES = "DELETE FROM entities WHERE session_key = ?"
_REMOVE_ENTITY = "DELETE FROM entities WHERE session_key = ? AND kind = ? AND id = ?"
_PUT_ENTITY = """
    INSERT INTO entities (session_key, kind, id, created_ordinal, last_event_ordinal,
                          message_type, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        created_ordinal = excluded.created_ordinal,
        last_event_ordinal = excluded.last_event_ordinal,
        message_type = excluded.message_type,
        payload = excluded.payload
"""
_PUT_ERROR = """
    INSERT INTO errors (session_key, source, ordinal, name, error_type, message,
                        occurred_at, attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        error_type = excluded.error_type,
        message = excluded.message,
        occurred_at = excluded.occurred_at,
        attempts = attempts + excluded.attempts,
        resolved_at = NULL
"""


def write_batch(db: sqlite3.Connection, location: str, batch: Sequence[SessionRows]) -> None:
    """Stores the whole batch, or nothing of it when it raises.

    Raises:
        StoreConflictError: A session's events or cursors do not fit its log.
        sqlite3.Error: The file could not be written.
    """
    with transaction(db):
        keyed = [(_move_session(db, location, rows), rows) for rows in batch]
        db.executemany(
            _NAME_PROJECTIONS,
            [
                (json.dumps(rows.commit.projections), key)
                for key, rows in keyed
                if rows.commit.projections is not None
            ],
        )
        db.executemany(
            _CLEAR_ENTITIES, [(key,) for key, rows in keyed if rows.commit.replace_timeline]
        )
        db.executemany(_ADD_EVENT, [(key, *row) for key, rows in keyed for row in rows.events])
        db.executemany(_REMOVE_ENTITY, [(key, *row) for key, rows in keyed for row in rows.removed])
        db.executemany(_PUT_ENTITY, [(key, *row) for key, rows in keyed for row in rows.entities])
        db.executemany(_PUT_ERROR, [(key, *row) for key, rows in keyed for row in rows.errors])
        for key, rows in keyed:
            if rows.commit.passed:
                resolve_passed(db, key, rows.commit.session_id, rows.commit.passed)


def _move_session(db: sqlite3.Connection, location: str, rows: SessionRows) -> int:
    """Sets the session's head and cursors; returns its key."""
    session_id = rows.commit.session_id
    found = db.execute(_FIND_SESSION, (session_id,)).fetchone()
    key: int
    if found is None:
        new = next_cursors(location, rows.commit, Cursors(epoch=secrets.token_hex(8)))
        row = (session_id, new.epoch, new.event, new.ui, new.timeline)
        # RETURNING gives its row before the statement ends; fetchall ends it.
        [(key,)] = db.execute(_ADD_SESSION, row).fetchall()
        return key
    key, event, ui, timeline, epoch, start = found
    stored = Cursors(event=event, ui=ui, timeline=timeline, epoch=epoch, log_start=start)
    new = next_cursors(location, rows.commit, stored)
    db.execute(_MOVE_SESSION, (new.event, new.ui, new.timeline, key))
    return key
