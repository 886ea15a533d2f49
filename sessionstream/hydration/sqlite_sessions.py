"""What is done to whole sessions of a store's file; each runs on a thread of its own."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence

from sessionstream.hydration.base import Cursors
from sessionstream.hydration.batch import MAX_ORDINAL, check_start, closing_time
from sessionstream.hydration.sqlite_rows import EntityRow, EventRow
from sessionstream.hydration.sqlite_schema import transaction

# How many events one transaction of a compaction removes: commits go on between them.
COMPACTED_AT_ONCE = 10_000

_KEY = "(SELECT session_key FROM sessions WHERE session_id = ?)"
_EVENTS = """
    SELECT ordinal, name, message_type, payload FROM sessions JOIN events USING (session_key)
    WHERE session_id = ? AND ordinal > max(?, log_start) ORDER BY ordinal LIMIT ?
"""
_ENTITIES = """
    SELECT kind, id, created_ordinal, last_event_ordinal, message_type, payload
    FROM sessions JOIN entities USING (session_key) WHERE session_id = ?
"""
# SQLite compares the UTF-8 bytes, whose order is that of the code points.
_SESSIONS = "SELECT session_id FROM sessions WHERE session_id > ? ORDER BY session_id LIMIT ?"
_CURSORS = """
    SELECT event_head, ui_cursor, timeline_cursor, epoch, log_start, shown, projections
    FROM sessions WHERE session_id = ?
"""
_RESET_TIMELINE = f"""
    INSERT INTO entities SELECT * FROM base_entities WHERE session_key = {_KEY}
"""
_BASE = """
    SELECT log_start, kind, id, created_ordinal, last_event_ordinal, message_type, payload
    FROM sessions LEFT JOIN base_entities USING (session_key) WHERE session_id = ?
"""
_PUT_BASE = f"INSERT INTO base_entities VALUES ({_KEY}, ?, ?, ?, ?, ?, ?)"
_DROP_EVENTS = f"""
    DELETE FROM events WHERE session_key = {_KEY} AND ordinal <= min(
        (SELECT log_start FROM sessions WHERE session_id = ?),
        ? + (SELECT min(ordinal) FROM events WHERE session_key = {_KEY})
    )
"""
_CLOSED = """
    SELECT session_id FROM sessions WHERE closed_at IS NOT NULL AND (
        closed_at < ? OR session_key IN (
            SELECT session_key FROM sessions WHERE closed_at IS NOT NULL
            ORDER BY closed_at DESC LIMIT -1 OFFSET ?
        )
    ) ORDER BY closed_at
"""


def read_events(db: sqlite3.Connection, session_id: str, after: int, limit: int) -> list[EventRow]:
    """Returns the rows of up to ``limit`` events with an ordinal above ``after``, in order."""
    return db.execute(_EVENTS, (session_id, after, limit)).fetchall()


def read_entities(db: sqlite3.Connection, session_id: str) -> list[EntityRow]:
    """Returns the rows of the session's entities."""
    return db.execute(_ENTITIES, (session_id,)).fetchall()


def read_session_ids(db: sqlite3.Connection, after: str, limit: int) -> list[str]:
    """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""
    return [session_id for (session_id,) in db.execute(_SESSIONS, (after, limit)).fetchall()]


def read_cursors(db: sqlite3.Connection, session_id: str) -> Cursors:
    """Returns the session's cursors."""
    for event, ui, timeline, epoch, log_start, shown, names in db.execute(
        _CURSORS, (session_id,)
    ).fetchall():
        return Cursors(
            event=event,
            ui=ui,
            timeline=timeline,
            epoch=epoch,
            log_start=log_start,
            shown=shown,
            projections=None if names is None else _names(names),
        )
    return Cursors()


def _names(text: str) -> tuple[str, ...]:
    try:
        return tuple(json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        reason = f"could not decode the names of projections: {error}"
        raise sqlite3.DatabaseError(reason) from error  # told as any damage of the file


def clear_timeline(db: sqlite3.Connection, session_id: str) -> None:
    """Puts the session's timeline back to its base, at the start of its log."""
    with transaction(db):
        db.execute(f"DELETE FROM entities WHERE session_key = {_KEY}", (session_id,))
        db.execute(_RESET_TIMELINE, (session_id,))
        db.execute(
            "UPDATE sessions SET timeline_cursor = log_start WHERE session_id = ?", (session_id,)
        )


def read_base(db: sqlite3.Connection, session_id: str) -> tuple[int, list[EntityRow]]:
    """Returns where the session's log begins, and the rows of the timeline there."""
    start, rows = 0, []
    for start, *row in db.execute(_BASE, (session_id,)).fetchall():  # noqa: B007 used below
        if row[0] is not None:
            rows.append(tuple(row))
    return start, rows


def move_base(
    db: sqlite3.Connection, location: str, session_id: str, upto: int, rows: Sequence[EntityRow]
) -> None:
    """Lets the session's log begin after an event, based on the entities of these rows.

    Events before it are no longer read; `drop_events` removes them.
    """
    with transaction(db):
        check_start(location, session_id, upto, read_cursors(db, session_id))
        db.execute(f"DELETE FROM base_entities WHERE session_key = {_KEY}", (session_id,))
        db.executemany(_PUT_BASE, [(session_id, *row) for row in rows])
        db.execute("UPDATE sessions SET log_start = ? WHERE session_id = ?", (upto, session_id))


def drop_events(db: sqlite3.Connection, session_id: str) -> bool:
    """Removes some of the events before the start of the log; False when none are left."""
    with transaction(db):
        parameters = (session_id, session_id, COMPACTED_AT_ONCE - 1, session_id)
        return db.execute(_DROP_EVENTS, parameters).rowcount > 0


def close_session(db: sqlite3.Connection, session_id: str, closed_at: float) -> None:
    """Marks the session as closed, after all that are."""
    with transaction(db):
        (newest,) = db.execute("SELECT max(closed_at) FROM sessions").fetchone()
        db.execute(
            "UPDATE sessions SET closed_at = ? WHERE session_id = ? AND closed_at IS NULL",
            (closing_time(closed_at, newest), session_id),
        )


def closed_sessions(
    db: sqlite3.Connection, closed_before: float | None, keep: int | None
) -> list[str]:
    """Returns the ids of closed sessions within the limits, those closed first first."""
    if closed_before is None:
        closed_before = math.inf if keep is None else -math.inf
    rows = db.execute(_CLOSED, (closed_before, MAX_ORDINAL if keep is None else keep))
    return [session_id for (session_id,) in rows.fetchall()]


def delete_session(db: sqlite3.Connection, session_id: str, *, if_closed: bool) -> bool:
    """Removes the session's row and, by its foreign keys, all that belongs to it."""
    with transaction(db):
        deleted = db.execute(
            "DELETE FROM sessions WHERE session_id = ? AND (closed_at IS NOT NULL OR NOT ?)",
            (session_id, if_closed),
        )
        return deleted.rowcount > 0


def vacuum(db: sqlite3.Connection) -> None:
    """Writes the file anew."""
    db.execute("VACUUM")
