"""The promises that a store's file shows by itself, without the application."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold, and where; ``session_id`` is None where it is of the file."""

    session_id: str | None
    wrong: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    ``promise`` is the name that the design gives it, or ``file``. ``looked_at`` says of how
    much, as "3 events"; None where the check could not be made, and ``title`` says why.
    """

    promise: str
    title: str
    looked_at: str | None
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Check:
    promise: str
    title: str
    unit: str
    count: str
    # Answers (session, what is wrong).
    violations: str


_CHECKS = (
    _Check(
        "P1",
        "ordinals run without a gap from the start of the log to the head",
        "events",
        "SELECT count(*) FROM events",
        # They are unique by their key, so as many as fit between leave no gap.
        """
        SELECT session_id, count(ordinal) || ' events above ordinal ' || log_start
            || ', and the head is ' || event_head
        FROM sessions s LEFT JOIN events e
            ON e.session_key = s.session_key AND e.ordinal > s.log_start
        GROUP BY s.session_key
        HAVING count(ordinal) <> event_head - log_start OR max(ordinal) > event_head
        """,
    ),
    _Check(
        "P2",
        "cursors lie between the start of the log and the head",
        "sessions",
        "SELECT count(*) FROM sessions",
        """
        SELECT session_id, 'ui ' || ui_cursor || ', timeline ' || timeline_cursor || ', shown '
            || shown || ', start ' || log_start || '; the head is ' || event_head
        FROM sessions WHERE max(ui_cursor, timeline_cursor, shown, log_start) > event_head
            OR min(ui_cursor, timeline_cursor) < log_start OR shown > ui_cursor
        """,
    ),
    _Check(
        "P2",
        "entities are of events that the timeline has passed",
        "entities",
        "SELECT count(*) FROM entities",
        """
        SELECT session_id, kind || ' ' || id || ': ordinals ' || created_ordinal || ' to '
            || last_event_ordinal || ' with the timeline at ' || timeline_cursor
        FROM sessions JOIN entities USING (session_key)
        WHERE created_ordinal < 1 OR created_ordinal > last_event_ordinal
            OR last_event_ordinal > timeline_cursor
        """,
    ),
    _Check(
        "P2",
        "entities at the start of a compacted log are of events before it",
        "entities",
        "SELECT count(*) FROM base_entities",
        """
        SELECT session_id, kind || ' ' || id || ': ordinals ' || created_ordinal || ' to '
            || last_event_ordinal || ' with the log beginning after ' || log_start
        FROM sessions JOIN base_entities USING (session_key)
        WHERE created_ordinal < 1 OR created_ordinal > last_event_ordinal
            OR last_event_ordinal > log_start
        """,
    ),
    _Check(
        "P5",
        "UI events are kept in whole batches",
        "UI events",
        "SELECT count(*) FROM ui_events",
        """
        SELECT session_id, 'event ' || ordinal || ': ' || count(*) || ' of ' || max(batch_size)
            || ' UI events, shown up to ' || shown
        FROM sessions JOIN ui_events USING (session_key) GROUP BY session_key, ordinal
        HAVING count(*) <> max(batch_size) OR min(batch_size) <> max(batch_size)
            OR min(batch_index) <> 0 OR max(batch_index) <> count(*) - 1 OR ordinal > shown
        """,
    ),
    _Check(
        "P5",
        "each batch that is kept names the one before it, and the last was shown last",
        "batches",
        "SELECT count(*) FROM (SELECT DISTINCT session_key, ordinal FROM ui_events)",
        """
        SELECT session_id, 'event ' || ordinal || ' follows ' || before || ', and names '
            || previous || coalesce('; shown up to ' || beyond, '')
        FROM (
            SELECT session_id, u.ordinal, max(previous_ordinal) AS previous,
                lag(u.ordinal) OVER one AS before,
                CASE WHEN lead(u.ordinal) OVER one IS NULL AND u.ordinal <> shown THEN shown END
                    AS beyond
            FROM sessions JOIN ui_events u USING (session_key) GROUP BY session_key, u.ordinal
            WINDOW one AS (PARTITION BY session_key ORDER BY u.ordinal)
        )
        WHERE previous <> before OR previous >= ordinal OR beyond IS NOT NULL
        """,
    ),
    _Check(
        "P7",
        "a UI projection that is held back has an error record",
        "sessions",
        "SELECT count(*) FROM sessions",
        """
        SELECT session_id, 'at ' || ui_cursor || ' of ' || event_head || ', and no record says why'
        FROM sessions s WHERE ui_cursor < event_head AND NOT EXISTS (
            SELECT 1 FROM errors e WHERE e.session_key = s.session_key
                AND e.source IN ('ui', 'store') AND e.ordinal > s.ui_cursor
        )
        """,
    ),
)


def check_file(db: sqlite3.Connection) -> Iterator[CheckResult]:
    """Yields what each check of the file finds, as it is made."""
    yield _integrity(db)
    for check in _CHECKS:
        (count,) = db.execute(check.count).fetchone()
        found = (Violation(session, wrong) for session, wrong in db.execute(check.violations))
        yield CheckResult(check.promise, check.title, f"{count} {check.unit}", tuple(found))


def wrong_rows(db: sqlite3.Connection, session_ids: Container[str]) -> Iterator[tuple[str, str]]:
    """Yields each of these sessions with what the checks find wrong with its rows."""
    for check in _CHECKS:
        for session, wrong in db.execute(check.violations):
            if session in session_ids:
                yield session, f"{check.title}: {wrong}"


def _integrity(db: sqlite3.Connection) -> CheckResult:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    found = [
        Violation(None, str(text))
        for (text,) in db.execute("PRAGMA integrity_check").fetchall()
        # The limits of rows are checked above, where the session is named.
        if text != "ok" and not text.startswith("CHECK constraint failed")
    ]
    found += [
        Violation(None, f"a row of {table} belongs to no session")
        for table, *_ in db.execute("PRAGMA foreign_key_check").fetchall()
    ]
    return CheckResult("file", "SQLite finds it sound", f"{pages} pages", tuple(found))
