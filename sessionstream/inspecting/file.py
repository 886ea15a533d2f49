"""Opens a store's file to read it, also while a server owns it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sessionstream.errors import StoreCorruptError, StoreError, StoreVersionError
from sessionstream.hydration.sqlite_errors import store_error
from sessionstream.hydration.sqlite_schema import MIGRATIONS, check_identity


@contextmanager
def reading(path: Path, *, one_moment: bool = True) -> Iterator[sqlite3.Connection]:
    """Yields a connection that reads what is committed; its rows can be read by column name.

    It takes no lock of the store, changes nothing in the file, and neither
    creates nor migrates it. With ``one_moment`` all that is read is of one
    transaction, which lets the log of a busy server grow until the end.

    Raises:
        StoreError: There is no such file, it is no store's, or of another format.
    """
    if not path.is_file():
        raise StoreError(str(path), "no such file; give the path of a store")
    try:
        with closing(_connect(path)) as db:
            check_identity(db, str(path))
            _check_format(db, path)
            if one_moment:
                db.execute("BEGIN")
            yield db
    except sqlite3.Error as error:
        raise store_error(str(path), error) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Connects so that nothing is left beside the file that was not there before.

    Whoever reads a file with a write-ahead log needs the log's files. A connection
    that may write removes those that it has made when it is closed; it writes
    nothing, since `query_only` is set. Where there is a log, its owner is at work,
    or was killed: a connection that only reads leaves the log as it is. In a
    folder that can't be written, a file without a log is read as it stands.
    """
    if path.with_name(f"{path.name}-wal").exists():
        return _open(path, "mode=ro")
    try:
        return _open(path, "mode=rw")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        return _open(path, "immutable=1")


def _open(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
    try:
        db.execute("PRAGMA query_only = ON")
        db.execute("SELECT count(*) FROM sqlite_master").fetchall()  # reads the file for once
    except sqlite3.Error:
        db.close()
        raise
    db.row_factory = sqlite3.Row
    return db


def _check_format(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        raise StoreCorruptError(str(path), "an empty file, no store yet")
    if version < len(MIGRATIONS):
        raise StoreVersionError(
            str(path),
            f"the file has format {version}, and this release reads {len(MIGRATIONS)}; "
            "open it once with SQLiteStore.open, which migrates it",
        )
