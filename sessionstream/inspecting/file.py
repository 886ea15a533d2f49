"""Opens a store's file to read it, also while a server owns it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from sessionstream.errors import StoreCorruptError, StoreError, StoreVersionError
from sessionstream.hydration.sqlite_errors import store_error
from sessionstream.hydration.sqlite_schema import MIGRATIONS, check_identity, migrate


@contextmanager
def reading(
    path: Path, *, one_moment: bool = True, damaged: bool = False
) -> Iterator[sqlite3.Connection]:
    """Yields a connection that reads what is committed; its rows can be read by column name.

    It takes no lock of the store, changes nothing in the file, and neither
    creates nor migrates it. With ``one_moment`` all that is read is of one
    transaction, which lets the log of a busy server grow until the end. With
    ``damaged`` a text that is no UTF-8 is read with escapes, and else is an error.

    Raises:
        StoreError: There is no such file, it is no store's, or of another format.
    """
    check_there(path)
    try:
        with closing(_connect(path)) as db:
            _check_format(db, path)
            if damaged:
                db.text_factory = lambda data: data.decode(errors="backslashreplace")
            if one_moment:
                db.execute("BEGIN")
            yield db
    except sqlite3.Error as error:
        raise store_error(str(path), error) from error


def check_there(path: Path) -> None:
    """Refuses what can be no store, before SQLite makes one of it.

    Raises:
        StoreError: It is not there, a folder, an empty file, or of another program.
    """
    if path.is_dir():
        raise StoreError(str(path), "it is a folder; give the path of a store, which is a file")
    if not path.is_file():
        raise StoreError(str(path), "no such file; give the path of a store")
    if path.stat().st_size == 0:
        raise StoreError(str(path), "an empty file, no store yet")
    if not os.access(path, os.R_OK):
        raise StoreError(str(path), "can't be read; give this process read access to the file")
    try:
        with closing(_connect(path)) as db:
            check_identity(db, str(path))
    except sqlite3.Error as error:
        raise store_error(str(path), error) from error


def identity(path: Path) -> tuple[int, int] | None:
    """Returns what tells the file at a path from another that took its place; None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    """Connects so that nothing is left beside the file that was not there before.

    Whoever reads a file with a write-ahead log needs the log's files. A connection
    that may write removes those that it has made when it is closed; it writes
    nothing, since `query_only` is set. Where there is a log, its owner is at work,
    or was killed: a connection that only reads leaves the log as it is. A file
    without a log that can't be written, or whose folder can't, is read as it stands.
    """
    if path.with_name(f"{path.name}-wal").exists():
        return _open(path, "mode=ro")
    if os.access(path, os.W_OK):
        try:
            return _open(path, "mode=rw")
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorcode & 0xFF
            if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
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
    found = _columns(db)
    for table, columns in _columns_of_this_release().items():
        if missing := sorted(columns - found.get(table, set())):
            what = f"the table {table} has no column {missing[0]!r}"
            raise StoreCorruptError(str(path), f"{what}; restore the file from a backup")


@cache
def _columns_of_this_release() -> dict[str, set[str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        return _columns(db)


def _columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in db.execute(
        "SELECT t.name, c.name FROM pragma_table_list() t, pragma_table_info(t.name) c"
        " WHERE t.schema = 'main'"
    ):
        found.setdefault(table, set()).add(column)
    return found
