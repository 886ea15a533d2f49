"""A SQLite file that one store owns: how it is opened, prepared and closed."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal, get_args

from sessionstream.arguments import check_amount, check_whole
from sessionstream.errors import StoreError
from sessionstream.hydration.sqlite_connection import SQLiteReaders, SQLiteThread
from sessionstream.hydration.sqlite_lock import FileLock
from sessionstream.hydration.sqlite_schema import check_identity, migrate

logger = logging.getLogger("sessionstream.hydration")

Durability = Literal["full", "normal"]

# STRICT tables are the newest thing that the store needs.
_LOWEST_SQLITE = (3, 37, 0)
# How long emptying the log waits for readers.
_TRUNCATE_PATIENCE_MS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteSettings:
    """How a file is opened; see `SQLiteStore.open`."""

    durability: Durability = "full"
    max_bytes: int | None = None
    busy_timeout: float = 5.0


class SQLiteFile:
    """An owned file of the current format, with its writer and its readers.

    Readers see what is committed, and do so while the writer writes.
    """

    def __init__(self, location: str, settings: SQLiteSettings) -> None:
        self.location = location
        self.writer = SQLiteThread(location, settings.busy_timeout)
        self.readers = SQLiteReaders(location, settings.busy_timeout)
        self.settings = settings
        self._opened = AsyncExitStack()

    async def open(self) -> None:
        """Takes the file, creates or migrates it and connects to it; all or nothing."""
        self._check_settings()
        async with AsyncExitStack() as opened:
            lock = FileLock(self.location)
            opened.callback(lock.release)
            await self.writer.open()
            opened.push_async_callback(self.writer.close)
            await self.writer.run(self._prepare)
            opened.push_async_callback(self.truncate_log)
            await self.readers.open()
            opened.push_async_callback(self.readers.close)
            self._opened = opened.pop_all()

    async def close(self) -> None:
        """Closes in reverse, after the calls that were made before."""
        await self._opened.aclose()

    def _check_settings(self) -> None:
        if sqlite3.sqlite_version_info < _LOWEST_SQLITE:
            found = sqlite3.sqlite_version
            raise StoreError(self.location, f"SQLite 3.37 or newer is needed; this is {found}")
        durability = self.settings.durability
        if durability not in get_args(Durability):
            raise StoreError(self.location, f"durability is 'full' or 'normal'; got {durability!r}")
        if self.settings.max_bytes is not None:
            check_whole("max_bytes", self.settings.max_bytes)
            check_amount("max_bytes", self.settings.max_bytes, least=1)
        check_amount("busy_timeout", self.settings.busy_timeout)

    def _prepare(self, db: sqlite3.Connection) -> None:
        check_identity(db, self.location)
        (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreError(
                self.location, "its file system can't hold a write-ahead log; use a local disk"
            )
        db.execute(f"PRAGMA synchronous = {self.settings.durability}")
        db.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten, at once: later nobody knows where it lay.
        db.execute("PRAGMA secure_delete = ON")
        # After a burst the log shrinks to this many bytes again.
        db.execute("PRAGMA journal_size_limit = 67108864")
        if self.settings.max_bytes is not None:
            (page_size,) = db.execute("PRAGMA page_size").fetchone()
            db.execute(f"PRAGMA max_page_count = {max(1, self.settings.max_bytes // page_size)}")
        migrate(db)

    async def truncate_log(self) -> None:
        """Writes the log beside the file back to it and empties it, as far as readers allow."""
        try:
            await self.writer.run(self._truncate_log)
        except StoreError:  # the next time does it, from the log that stays
            logger.warning("the log of %s was not written back", self.location, exc_info=True)

    def _truncate_log(self, db: sqlite3.Connection) -> None:
        # A program that reads the file meanwhile must not hold up commits, or the closing; our
        # own reader is done at once.
        db.execute(f"PRAGMA busy_timeout = {_TRUNCATE_PATIENCE_MS}")
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.execute(f"PRAGMA busy_timeout = {int(self.settings.busy_timeout * 1000)}")
