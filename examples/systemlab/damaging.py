"""What a person with a database tool, or a broken disk, does to a store's file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

_THIRD: Final = """
    WHERE ordinal = 3 AND session_key = (SELECT session_key FROM sessions WHERE session_id = ?)
"""
DELETED_ROW: Final = f"DELETE FROM events {_THIRD}"
"""The third event of a session is not there any more."""

GARBLED_ROW: Final = f"UPDATE events SET name = CAST(x'ff' AS TEXT) {_THIRD}"
"""The name of the third event of a session is no text any more."""


def damage(path: Path, statement: str, session_id: str) -> None:
    """Changes rows of a file that nobody has open."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, (session_id,))
