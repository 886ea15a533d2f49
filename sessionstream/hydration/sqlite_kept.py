"""What a file keeps for clients that come back: UI events and command records.

How much there is of them stands in their session's row, so that no commit has
to count. What changes them is part of a commit's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from sessionstream.hydration.keeping import (
    BatchSize,
    Kept,
    command_times,
    with_batches,
    with_commands,
)
from sessionstream.hydration.sqlite_kept_rows import CommandRow, NewUIBatches

KEPT_COLUMNS = "ui_batches, ui_bytes, ui_since, commands, commands_since, kept_at"
KeptColumns = tuple[int, int, float, int, float, float]

_ADD_UI_EVENT = """
    INSERT INTO ui_events (session_key, stored_at, ordinal, batch_index, batch_size,
                           previous_ordinal, name, message_type, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_DROP_ALL_UI_EVENTS = "DELETE FROM ui_events WHERE session_key = ?"
_DROP_UI_EVENTS = "DELETE FROM ui_events WHERE session_key = ? AND ordinal <= ?"
_SIZES = """
    SELECT ordinal, min(stored_at), sum(length(payload)) FROM ui_events
    WHERE session_key = ? GROUP BY ordinal ORDER BY ordinal
"""
_ADD_COMMAND = """
    INSERT INTO commands (session_key, stored_at, command_id, name, status, ordinal, at, code,
                          message, principal)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_REPLACE_COMMAND = """
    UPDATE commands SET stored_at = ?2, name = ?4, status = ?5, ordinal = ?6, at = ?7, code = ?8,
                        message = ?9, principal = ?10
    WHERE session_key = ?1 AND command_id = ?3
"""
_DROP_COMMANDS = """
    DELETE FROM commands WHERE session_key = ?1 AND (stored_at < ?2 OR command_id IN (
        SELECT command_id FROM commands WHERE session_key = ?1 AND status <> 'accepted'
        ORDER BY stored_at DESC LIMIT -1 OFFSET ?3
    ))
"""
_COUNT_COMMANDS = """
    SELECT coalesce(max(sum(status <> 'accepted'), 1), 0), coalesce(min(stored_at), 0)
    FROM commands WHERE session_key = ?
"""


def kept_of(row: KeptColumns) -> Kept:
    """Returns what a session's row says is kept of it."""
    batches, size, since, commands, commands_since, at = row
    return Kept(
        batches=batches,
        bytes=size,
        since=since,
        commands=commands,
        commands_since=commands_since,
        at=at,
    )


def columns_of(kept: Kept) -> KeptColumns:
    """Returns what a session's row is to say."""
    return kept.batches, kept.bytes, kept.since, kept.commands, kept.commands_since, kept.at


def add_batches(
    db: sqlite3.Connection, added: Iterable[tuple[int, Kept, NewUIBatches | None]], now: float
) -> list[Kept]:
    """Adds the UI events of a commit's sessions, in one statement for all of them.

    Args:
        db: The file.
        added: Of each session its key, what is kept of it, and what comes to that.
        now: The time.

    Returns:
        What is kept of each then.
    """
    cleared: list[tuple[int]] = []
    rows: list[tuple[int | float | str | bytes, ...]] = []
    left: list[Kept] = []
    for key, before, new in added:
        if new is None:
            left.append(before)
            continue
        if new.kept.first and before.batches:
            cleared.append((key,))
        kept = with_batches(before, new.kept, now)
        rows += [(key, kept.at, *row) for row in new.rows]
        left.append(kept)
    if cleared:
        db.executemany(_DROP_ALL_UI_EVENTS, cleared)
    if rows:
        db.executemany(_ADD_UI_EVENT, rows)
    return left


class SessionKept:
    """What is kept of one session; a `KeptSession`."""

    def __init__(self, db: sqlite3.Connection, key: int) -> None:
        self._db = db
        self._key = key

    def add_commands(self, kept: Kept, rows: Sequence[CommandRow], now: float) -> Kept:
        """Adds the records of a commit, of which there are some; returns what is kept then."""
        times = command_times(kept, len(rows), now)
        return with_commands(kept, self._put_commands(rows, times), times)

    def _put_commands(self, rows: Sequence[CommandRow], times: Sequence[float]) -> int:
        """Returns how many were not there before."""
        parameters = [(self._key, at, *row) for at, row in zip(times, rows, strict=True)]
        added = self._db.executemany(_ADD_COMMAND, parameters).rowcount
        if added < len(parameters):
            self._db.executemany(_REPLACE_COMMAND, parameters)
        return added

    def oldest_batches(self) -> Iterator[BatchSize]:
        """Returns the batches by ordinal, as far as they are asked for."""
        with closing(self._db.execute(_SIZES, (self._key,))) as sizes:
            yield from sizes

    def drop_batches(self, upto: int) -> None:
        """Removes the batches up to an ordinal."""
        self._db.execute(_DROP_UI_EVENTS, (self._key, upto))

    def trim_commands(self, before: float, most: int) -> tuple[int, float]:
        """Removes records stored before a time, and of those that ended all but ``most``."""
        self._db.execute(_DROP_COMMANDS, (self._key, before, most))
        [(count, since)] = self._db.execute(_COUNT_COMMANDS, (self._key,)).fetchall()
        return count, since
