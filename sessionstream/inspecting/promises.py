"""What a store's file has to keep to by itself, as queries for what does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sessionstream.errors import SessionIdError
from sessionstream.hydration.values import CommandStatus
from sessionstream.records import ErrorSource
from sessionstream.types import check_session_id


@dataclass(frozen=True, slots=True)
class Promise:
    """A query that counts what is looked at, and one that answers (session, what is wrong)."""

    promise: str
    title: str
    unit: str
    count: str
    violations: str


PROMISES = (
    Promise(
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
    Promise(
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
    Promise(
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
    Promise(
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
    Promise(
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
    Promise(
        "P5",
        "each batch that is kept names the one before it, and the last was shown last",
        "batches",
        "SELECT count(*) FROM (SELECT DISTINCT session_key, ordinal FROM ui_events)",
        """
        SELECT session_id, 'event ' || ordinal || ' follows ' || coalesce(before, 'none')
            || ', and names ' || previous || coalesce('; shown up to ' || beyond, '')
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
    Promise(
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
    Promise(
        "file",
        "what stands in the row of a session can be read",
        "sessions",
        "SELECT count(*) FROM sessions",
        """
        SELECT session_id, 'its id is none, or the names of its projections are no JSON array'
        FROM sessions WHERE NOT is_session_id(CAST(session_id AS BLOB))
            OR projections IS NOT NULL AND NOT is_names(CAST(projections AS BLOB))
        UNION ALL
        SELECT session_id, 'it keeps ' || ui_batches || ' batches of ' || ui_bytes || ' bytes and '
            || commands || ' commands'
        FROM sessions WHERE min(ui_batches, ui_bytes, commands) < 0
        """,
    ),
    Promise(
        "file",
        "commands have a status, and errors a source, that the runtime knows",
        "records",
        "SELECT (SELECT count(*) FROM commands) + (SELECT count(*) FROM errors)",
        """
        SELECT session_id, 'command ' || command_id || ' has the status ' || status
        FROM sessions JOIN commands USING (session_key) WHERE NOT is_status(CAST(status AS BLOB))
        UNION ALL
        SELECT session_id, 'an error of event ' || ordinal || ' has the source ' || source
        FROM sessions JOIN errors USING (session_key) WHERE NOT is_source(CAST(source AS BLOB))
        """,
    ),
)


def add_functions(db: sqlite3.Connection) -> None:
    """Gives a connection what the queries call; each takes bytes: a text may be no UTF-8."""
    for name, is_right in _FUNCTIONS.items():
        db.create_function(name, 1, is_right, deterministic=True)


def _is_utf8(data: bytes | None) -> bool:
    try:
        (data or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_session_id(data: bytes) -> bool:
    try:
        check_session_id(data.decode())
    except (UnicodeDecodeError, SessionIdError):
        return False
    return True


def is_names(data: bytes | str) -> bool:
    """Whether it is what a session's row says of its projections: a JSON array of texts."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and all(isinstance(name, str) for name in found)


def _is_one_of(words: type[StrEnum]) -> Callable[[bytes], bool]:
    known = {word.encode() for word in words}
    return lambda data: data in known


_FUNCTIONS: Mapping[str, Callable[..., bool]] = {
    "is_utf8": _is_utf8,
    "is_session_id": _is_session_id,
    "is_names": is_names,
    "is_status": _is_one_of(CommandStatus),
    "is_source": _is_one_of(ErrorSource),
}
