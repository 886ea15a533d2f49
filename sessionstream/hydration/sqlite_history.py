"""Reads what a file keeps for clients that come back; runs on a reader's thread."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sessionstream.hydration.keeping import PAGE_BYTES
from sessionstream.hydration.sqlite_kept_rows import CommandRow, UIEventRow
from sessionstream.types import is_unicode

_BATCHES = """
    SELECT epoch, ordinal, batch_size, previous_ordinal, name, message_type, payload
    FROM sessions JOIN ui_events USING (session_key)
    WHERE session_id = ? AND ordinal > ? AND stored_at >= ? ORDER BY ordinal, batch_index
"""
_COMMAND = """
    SELECT command_id, name, status, commands.ordinal, at, code, message, principal
    FROM sessions JOIN commands USING (session_key)
    WHERE session_id = ? AND command_id = ? AND stored_at >= ?
"""


def read_ui_events(
    db: sqlite3.Connection, session_id: str, after: int, limit: int, oldest: float
) -> list[UIEventRow]:
    """Returns the rows of a page of batches, those stored at ``oldest`` or later."""
    page: list[UIEventRow] = []
    whole = batches = size = last = 0
    with closing(db.execute(_BATCHES, (session_id, after, oldest))) as rows:
        for row in rows:
            if row[1] != last:
                if batches == limit:
                    return page
                whole, last, batches = len(page), row[1], batches + 1
            size += len(row[-1])
            if size > PAGE_BYTES and whole:
                return page[:whole]
            page.append(row)
    return page


def read_command(
    db: sqlite3.Connection, session_id: str, command_id: str, oldest: float
) -> CommandRow | None:
    """Returns the row of a command's record, if it was stored at ``oldest`` or later."""
    if not is_unicode(command_id):  # a client's word, which no row can have
        return None
    found: list[CommandRow] = db.execute(_COMMAND, (session_id, command_id, oldest)).fetchall()
    return found[0] if found else None
