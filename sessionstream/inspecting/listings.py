"""What is listed of a store's file, row by row; a row is what ``--json`` prints."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sessionstream.inspecting.payloads import PayloadTexts

Row = dict[str, object]

_SESSIONS = """
    SELECT session_id AS session, event_head AS head, ui_cursor AS ui,
        timeline_cursor AS timeline, log_start AS start, shown,
        (SELECT count(*) FROM entities e WHERE e.session_key = s.session_key) AS entities,
        ui_batches, ui_bytes,
        (SELECT count(*) FROM commands c WHERE c.session_key = s.session_key) AS commands,
        (SELECT count(*) FROM errors e
            WHERE e.session_key = s.session_key AND e.resolved_at IS NULL) AS errors,
        closed_at, epoch
    FROM sessions s ORDER BY session_id
"""
_CURSORS = """
    SELECT session_id AS session, event_head AS head, ui_cursor AS ui,
        timeline_cursor AS timeline, log_start AS start, shown, projections, epoch
    FROM sessions WHERE ?1 IS NULL OR session_id = ?1 ORDER BY session_id
"""
_EVENTS = """
    SELECT ordinal, name, 'events' AS stored_in, message_type, payload
    FROM sessions JOIN events USING (session_key)
    WHERE session_id = ? AND ordinal > max(?, log_start) ORDER BY ordinal LIMIT ?
"""
_TIMELINE = """
    SELECT kind, id, created_ordinal AS created, last_event_ordinal AS changed,
        kind AS name, 'entities' AS stored_in, message_type, payload
    FROM sessions JOIN entities USING (session_key)
    WHERE session_id = ? ORDER BY created, changed, kind, id
"""
_UI = """
    SELECT ordinal, batch_index AS "index", batch_size AS size, previous_ordinal AS previous,
        stored_at, name, 'ui_events' AS stored_in, message_type, payload
    FROM sessions JOIN ui_events USING (session_key)
    WHERE session_id = ?1 AND ordinal IN (
        SELECT DISTINCT u.ordinal FROM ui_events u
        WHERE u.session_key = sessions.session_key AND u.ordinal > ?2 ORDER BY u.ordinal LIMIT ?3
    ) ORDER BY ordinal, batch_index
"""
_ERRORS = """
    SELECT session_id AS session, source, ordinal, name, attempts, occurred_at, resolved_at,
        error_type, message
    FROM sessions JOIN errors USING (session_key)
    WHERE (?1 IS NULL OR session_id = ?1) AND (?2 IS NULL OR source = ?2)
        AND (?3 OR resolved_at IS NULL)
    ORDER BY occurred_at, session_id, ordinal
"""
_COMMANDS = """
    SELECT command_id AS id, c.name, status, ordinal, principal, at, stored_at, code, message
    FROM sessions JOIN commands c USING (session_key)
    WHERE session_id = ? ORDER BY stored_at, command_id
"""


class Listings:
    """Lists what one connection sees."""

    def __init__(self, db: sqlite3.Connection, payloads: PayloadTexts) -> None:
        self._db = db
        self._payloads = payloads

    def epoch(self, session_id: str) -> str | None:
        """Returns which life of the session the file has; None where it has none."""
        found = self._db.execute("SELECT epoch FROM sessions WHERE session_id = ?", (session_id,))
        row = found.fetchone()
        return None if row is None else str(row["epoch"])

    def sessions(self) -> Iterator[Row]:
        """Lists all sessions, with heads, cursors and counts."""
        return self._rows(_SESSIONS)

    def cursors(self, session_id: str | None) -> Iterator[Row]:
        """Lists how far sessions, or one, have come, and what made their timelines."""
        return self._rows(_CURSORS, session_id)

    def events(self, session_id: str, after: int, limit: int) -> Iterator[Row]:
        """Lists up to ``limit`` events above an ordinal (-1: all), in order."""
        return self._rows(_EVENTS, session_id, after, limit)

    def timeline(self, session_id: str) -> Iterator[Row]:
        """Lists the entities in the order of a snapshot."""
        return self._rows(_TIMELINE, session_id)

    def ui(self, session_id: str, after: int, limit: int) -> Iterator[Row]:
        """Lists the UI events that are kept of up to ``limit`` events above an ordinal."""
        return self._rows(_UI, session_id, after, limit)

    def errors(
        self, session_id: str | None, source: str | None, *, resolved: bool
    ) -> Iterator[Row]:
        """Lists error records, the oldest first; those that are resolved only where asked."""
        return self._rows(_ERRORS, session_id, source, resolved)

    def commands(self, session_id: str) -> Iterator[Row]:
        """Lists the records of commands, the oldest first."""
        return self._rows(_COMMANDS, session_id)

    def _rows(self, statement: str, *parameters: str | int | None) -> Iterator[Row]:
        for row in self._db.execute(statement, parameters):
            found: Row = dict(row)
            if "payload" in found:
                kept = ("stored_in", "message_type", "payload")
                table, message_type, data = (row[name] for name in kept)
                found = {name: found[name] for name in found if name not in kept}
                found |= self._payloads.show(table, row["name"], message_type, data)
                if table == "entities":
                    del found["name"]  # it is the kind
            yield found
