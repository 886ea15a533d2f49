"""Removes what sessions keep that nobody writes to any more."""

from __future__ import annotations

import math
import sqlite3

from sessionstream.hydration.keeping import SWEEP_SECONDS, SWEPT_AT_ONCE, SWEPT_ROWS, Keeper
from sessionstream.hydration.sqlite_kept import KEPT_COLUMNS, SessionKept, columns_of, kept_of

_SWEPT = f"""
    SELECT session_key, session_id, {KEPT_COLUMNS} FROM sessions
    WHERE session_key > ? ORDER BY session_key LIMIT ?
"""
_SET_KEPT = """
    UPDATE sessions SET ui_batches = ?, ui_bytes = ?, ui_since = ?, commands = ?,
                        commands_since = ?, kept_at = ?
    WHERE session_key = ?
"""


class Sweep:
    """Trims what idle sessions keep: some sessions at a time, all of them in turn.

    It runs in the transactions of commits, so that it costs no write of its own.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._last = -math.inf
        self._key = 0

    def step(self, db: sqlite3.Connection, now: float) -> list[str]:
        """Looks at the next sessions, unless it did just now; returns those that changed."""
        if 0 <= now - self._last < SWEEP_SECONDS:
            return []
        self._last = now
        changed: list[str] = []
        removed = 0
        sessions = db.execute(_SWEPT, (self._key, SWEPT_AT_ONCE)).fetchall()
        self._key = sessions[-1][0] if len(sessions) == SWEPT_AT_ONCE else 0
        for key, session_id, *columns in sessions:
            kept = kept_of(tuple(columns))
            left = self._keeper.trimmed(kept, SessionKept(db, key), now)
            if left is kept:
                continue
            db.execute(_SET_KEPT, (*columns_of(left), key))
            changed.append(session_id)
            removed += kept.batches - left.batches + kept.commands - left.commands
            if removed > SWEPT_ROWS:
                self._key = key
                break
        return changed
