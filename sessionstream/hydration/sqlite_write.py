"""The transactions that change a store's file; each runs on the writer's thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from sessionstream.hydration.base import Cursors, SessionCommit
from sessionstream.hydration.batch import new_cursors, next_cursors
from sessionstream.hydration.keeping import NOTHING, Keeper, Kept
from sessionstream.hydration.sqlite_dead_letters import resolve_passed
from sessionstream.hydration.sqlite_kept import (
    KEPT_COLUMNS,
    SessionKept,
    add_batches,
    columns_of,
    kept_of,
)
from sessionstream.hydration.sqlite_kept_rows import CommandRow
from sessionstream.hydration.sqlite_rows import SessionRows
from sessionstream.hydration.sqlite_schema import transaction
from sessionstream.hydration.sqlite_sweep import Sweep

_FIND_SESSION = f"""
    SELECT session_key, event_head, ui_cursor, timeline_cursor, epoch, log_start, shown,
           {KEPT_COLUMNS}
    FROM sessions WHERE session_id = ?
"""
_ADD_SESSION = """
    INSERT INTO sessions (session_id, epoch, event_head, ui_cursor, timeline_cursor)
    VALUES (?, ?, 0, 0, 0) RETURNING session_key
"""
_MOVE_SESSION = """
    UPDATE sessions SET event_head = ?2, ui_cursor = ?3, timeline_cursor = ?4, shown = ?5,
        ui_batches = ?6, ui_bytes = ?7, ui_since = ?8, commands = ?9, commands_since = ?10,
        kept_at = ?11, closed_at = CASE WHEN event_head = ?2 THEN closed_at END
    WHERE session_key = ?1
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


Known = tuple[int, Cursors, Kept]
"""A session's key, its cursors, and how much is kept of it."""

# How many sessions' cursors are kept, at a few hundred bytes each.
_MAX_KNOWN = 4096


class BatchWriter:
    """Writes commits, and remembers the sessions that it wrote to last.

    A store owns its file, so nobody else moves them, and a commit need not
    read what the one before has written. All of it runs on the writer's thread.
    """

    def __init__(self, location: str, keeper: Keeper) -> None:
        self._location = location
        self._keeper = keeper
        self._sweep = Sweep(keeper)
        # By session id; what is in it is committed.
        self._known: dict[str, Known] = {}

    def forget(self) -> None:
        """Looks every session up again; for who changes them in other ways."""
        self._known.clear()

    def write(self, db: sqlite3.Connection, batch: Sequence[SessionRows], now: float) -> None:
        """Stores the whole batch, or nothing of it when it raises.

        Raises:
            StoreConflictError: A session's events or cursors do not fit its log.
            sqlite3.Error: The file could not be written.
        """
        known, self._known = self._known, {}  # whatever fails, and wherever it does
        with transaction(db):
            for session_id in self._sweep.step(db, now):
                known.pop(session_id, None)
            found = [known.get(rows.commit.session_id) or _find(db, rows.commit) for rows in batch]
            moved = self._move(db, found, batch, now)
        if len(known) < _MAX_KNOWN:
            self._known = known
        for rows, entry in zip(batch, moved, strict=True):
            self._known[rows.commit.session_id] = entry

    def _move(
        self,
        db: sqlite3.Connection,
        found: Sequence[Known],
        batch: Sequence[SessionRows],
        now: float,
    ) -> list[Known]:
        """Writes what the sessions that were found are given; returns them as they are then."""
        cursors = [
            next_cursors(self._location, rows.commit, stored)
            for (_, stored, _), rows in zip(found, batch, strict=True)
        ]
        _write_rows(db, [(key, rows) for (key, *_), rows in zip(found, batch, strict=True)])
        given = [
            (key, kept, rows.ui_batches) for (key, _, kept), rows in zip(found, batch, strict=True)
        ]
        moved = [
            (key, reached, self._keep(SessionKept(db, key), kept, rows.commands, now))
            for (key, *_), reached, kept, rows in zip(
                found, cursors, add_batches(db, given, now), batch, strict=True
            )
        ]
        db.executemany(_MOVE_SESSION, [_columns(*each) for each in moved])
        return moved

    def _keep(
        self, session: SessionKept, kept: Kept, commands: Sequence[CommandRow], now: float
    ) -> Kept:
        if commands:
            kept = session.add_commands(kept, commands, now)
        return self._keeper.trimmed(kept, session, now)


def _find(db: sqlite3.Connection, commit: SessionCommit) -> Known:
    """Returns what is stored of the commit's session; a new one is added."""
    row = db.execute(_FIND_SESSION, (commit.session_id,)).fetchone()
    if row is None:
        new = new_cursors(commit)
        # RETURNING gives its row before the statement ends; fetchall ends it.
        [(key,)] = db.execute(_ADD_SESSION, (commit.session_id, new.epoch)).fetchall()
        return key, new, NOTHING
    key, event, ui, timeline, epoch, start, shown, *kept = row
    cursors = Cursors(
        event=event, ui=ui, timeline=timeline, epoch=epoch, log_start=start, shown=shown
    )
    return key, cursors, kept_of(tuple(kept))


def _columns(key: int, cursors: Cursors, kept: Kept) -> tuple[int | float, ...]:
    return key, cursors.event, cursors.ui, cursors.timeline, cursors.shown, *columns_of(kept)


def _write_rows(db: sqlite3.Connection, keyed: Sequence[tuple[int, SessionRows]]) -> None:
    named = [
        (json.dumps(rows.commit.projections), key)
        for key, rows in keyed
        if rows.commit.projections is not None
    ]
    cleared = [(key,) for key, rows in keyed if rows.commit.replace_timeline]
    db.executemany(_ADD_EVENT, [(key, *row) for key, rows in keyed for row in rows.events])
    for statement, parameters in (
        (_NAME_PROJECTIONS, named),
        (_CLEAR_ENTITIES, cleared),
        (_REMOVE_ENTITY, [(key, *row) for key, rows in keyed for row in rows.removed]),
        (_PUT_ENTITY, [(key, *row) for key, rows in keyed for row in rows.entities]),
        (_PUT_ERROR, [(key, *row) for key, rows in keyed for row in rows.errors]),
    ):
        if parameters:  # most commits bring events alone
            db.executemany(statement, parameters)
    for key, rows in keyed:
        if rows.commit.passed:
            resolve_passed(db, key, rows.commit.session_id, rows.commit.passed)
