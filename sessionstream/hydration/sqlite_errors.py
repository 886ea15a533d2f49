"""What SQLite's errors mean to whoever runs the store, and what to do about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sessionstream.errors import (
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)

_CORRUPT = "the file is damaged or is no SQLite database; restore it from a backup"
_BUSY = "another program holds SQLite's lock on the file; close it there and try again"
_UNWRITABLE = "can't be written; give this process write access to the file and its directory"

# By primary result code (https://www.sqlite.org/rescode.html).
_MEANINGS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreLockedError, _BUSY),
    sqlite3.SQLITE_LOCKED: (StoreLockedError, _BUSY),
    sqlite3.SQLITE_CORRUPT: (StoreCorruptError, _CORRUPT),
    sqlite3.SQLITE_NOTADB: (StoreCorruptError, _CORRUPT),
    sqlite3.SQLITE_FULL: (
        StoreFullError,
        "no space is left on the disk, or below max_bytes; nothing of this was stored",
    ),
    sqlite3.SQLITE_READONLY: (StoreError, _UNWRITABLE),
    sqlite3.SQLITE_CANTOPEN: (StoreError, _UNWRITABLE),
    sqlite3.SQLITE_PERM: (StoreError, _UNWRITABLE),
    sqlite3.SQLITE_IOERR: (
        StoreError,
        "reading or writing the disk failed; see the system's log, and check the disk",
    ),
}


def store_error(location: str, error: sqlite3.Error) -> StoreError:
    """Returns the error of ours that says what the SQLite error means."""
    # Python's own complaints, as about text that is no UTF-8, carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and "decode" in str(error):
        code = sqlite3.SQLITE_CORRUPT
    default = (StoreError, "SQLite failed")
    kind, meaning = default if code is None else _MEANINGS.get(code & 0xFF, default)
    return kind(location, f"{meaning} (SQLite: {error})")


@contextmanager
def translated(location: str) -> Iterator[None]:
    """Raises `store_error` instead of what SQLite raises, which becomes its cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(location, error) from error
