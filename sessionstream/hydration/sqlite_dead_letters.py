"""Lists and resolves the error records of a store's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sessionstream.hydration.base import Passed
from sessionstream.hydration.batch import KEPT_RESOLVED, check_page
from sessionstream.hydration.error_query import ErrorQuery, position
from sessionstream.hydration.sqlite_rows import ErrorRow
from sessionstream.hydration.sqlite_schema import transaction
from sessionstream.observer import ErrorRecord
from sessionstream.types import escaped

_COLUMNS = """
    SELECT session_id, source, ordinal, name, error_type, message, occurred_at, attempts,
           resolved_at
    FROM errors JOIN sessions USING (session_key)
"""
# Each column breaks the ties of those before it; `position` is the same order.
_ORDER = """
    ORDER BY occurred_at DESC, ordinal DESC, source DESC, session_id DESC, name DESC LIMIT ?
"""
_RESOLVE = """
    UPDATE errors SET resolved_at = ?
    WHERE session_key = (SELECT session_key FROM sessions WHERE session_id = ?)
      AND source = ? AND ordinal = ? AND name = ? AND attempts = ? AND resolved_at IS NULL
"""
_RESOLVE_PASSED = """
    UPDATE errors SET resolved_at = ?
    WHERE session_key = ? AND source = ? AND ordinal BETWEEN ? AND ? AND resolved_at IS NULL
"""
_FORGET_RESOLVED = """
    DELETE FROM errors WHERE (session_key, source, ordinal, name) IN (
        SELECT session_key, source, ordinal, name FROM errors
        WHERE session_key = (SELECT session_key FROM sessions WHERE session_id = ?)
          AND resolved_at IS NOT NULL
        ORDER BY resolved_at DESC, occurred_at DESC, ordinal DESC, source DESC, name DESC
        LIMIT -1 OFFSET ?
    )
"""


def list_errors(db: sqlite3.Connection, location: str, query: ErrorQuery) -> list[ErrorRow]:
    """Returns the rows of the records that are asked for, in the order of `position`."""
    conditions: list[tuple[str, tuple[float | str, ...]]] = []
    if query.session_id is not None:
        conditions.append(("session_id = ?", (query.session_id,)))
    if query.source is not None:
        conditions.append(("source = ?", (query.source.value,)))
    if query.since is not None:
        conditions.append(("occurred_at >= ?", (query.since,)))
    if query.until is not None:
        conditions.append(("occurred_at < ?", (query.until,)))
    if query.resolved is not None:
        conditions.append((f"resolved_at IS {'NOT ' if query.resolved else ''}NULL", ()))
    if query.after is not None:
        row = "(occurred_at, ordinal, source, session_id, name) < (?, ?, ?, ?, ?)"
        conditions.append((row, position(query.after)))
    where = " AND ".join(condition for condition, _ in conditions)
    parameters = [value for _, values in conditions for value in values]
    return db.execute(
        f"{_COLUMNS} {'WHERE' if where else ''} {where} {_ORDER}",  # no value is in the text
        (*parameters, check_page(location, query.limit)),
    ).fetchall()


def resolve_passed(
    db: sqlite3.Connection, key: int, session_id: str, passed: Sequence[Passed]
) -> None:
    """Resolves what a session's commit says is over; part of its transaction."""
    rows = [(each.at, key, each.source.value, each.first, each.last) for each in passed]
    if db.executemany(_RESOLVE_PASSED, rows).rowcount > 0:
        db.execute(_FORGET_RESOLVED, (session_id, KEPT_RESOLVED))


def resolve_errors(
    db: sqlite3.Connection, records: Sequence[ErrorRecord], resolved_at: float
) -> int:
    """Marks open records as resolved and forgets the oldest such; returns how many were."""
    rows = [
        (
            resolved_at,
            record.session_id,
            record.source.value,
            record.ordinal,
            escaped(record.name),
            record.attempts,
        )
        for record in records
    ]
    with transaction(db):
        marked = db.executemany(_RESOLVE, rows).rowcount
        sessions = {record.session_id for record in records}
        db.executemany(_FORGET_RESOLVED, [(each, KEPT_RESOLVED) for each in sessions])
    return max(marked, 0)  # executemany of nothing says -1
