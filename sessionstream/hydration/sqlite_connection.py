"""SQLite connections on threads of their own, and a file that is open through two of them.

The writer's transactions run as whole functions on its thread. Statement by
statement each would wait for a busy event loop again and again with the write
lock held, and a cancelled caller could leave one open.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import aiosqlite

from sessionstream.errors import StoreError
from sessionstream.hydration.sqlite_errors import translated
from sessionstream.hydration.sqlite_lock import FileLock
from sessionstream.hydration.sqlite_schema import check_identity, migrate

logger = logging.getLogger("sessionstream.hydration")

R = TypeVar("R")

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


class _JobConnection(sqlite3.Connection):
    """Runs the next job where aiosqlite means to commit.

    aiosqlite runs single statements on its thread and has no public call that
    runs a function there; but ``commit`` is called there, without arguments,
    and the connections here are in autocommit mode, where it has no work of
    its own.
    """

    jobs: deque[Callable[[sqlite3.Connection], None]]

    def commit(self) -> None:
        self.jobs.popleft()(self)


def _on_daemon_thread(connect: Callable[[], sqlite3.Connection]) -> aiosqlite.Connection:
    """Returns a connection whose thread does not keep a process alive.

    A process that fails without closing its store must end, not hang; the file
    outlives it as it outlives a crash. aiosqlite has no setting for that, but
    a thread that is made by a daemon is one.
    """
    made: list[aiosqlite.Connection] = []
    maker = threading.Thread(
        target=lambda: made.append(aiosqlite.Connection(connect, iter_chunk_size=64)), daemon=True
    )
    maker.start()
    maker.join()
    return made[0]


class SQLiteThread:
    """One connection to a file and the thread that it lives on."""

    def __init__(self, location: str, busy_timeout: float) -> None:
        self._location = location
        self._busy_timeout = busy_timeout
        self._jobs: deque[Callable[[sqlite3.Connection], None]] = deque()
        self._failure: sqlite3.Error | None = None
        self._connection = _on_daemon_thread(self._connect)

    async def open(self) -> None:
        """Connects; raises `StoreError` where that fails."""
        with translated(self._location):
            _ = await self._connection
            if self._failure is not None:
                await self._connection.close()
                raise self._failure

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._connect_to(self._location)
        except sqlite3.Error as error:
            # If this raised, nothing would wait for the end of aiosqlite's
            # thread, which then fails when its event loop is closed first.
            self._failure = error
            return self._connect_to(":memory:")

    def _connect_to(self, database: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            database, timeout=self._busy_timeout, isolation_level=None, factory=_JobConnection
        )
        connection.jobs = self._jobs
        return connection

    async def run(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Returns what the function returns on the connection's thread.

        Calls run one after the other, in the order in which they were made.
        One that was made runs to its end, also when its caller is cancelled,
        who does not wait for it.

        Raises:
            StoreError: The function raised an error of SQLite.
        """
        results: list[R] = []
        self._jobs.append(lambda db: results.append(work(db)))
        with translated(self._location):
            await self._connection.commit()
        return results[0]

    async def close(self) -> None:
        """Closes after the calls that were made before."""
        with translated(self._location):
            await self._connection.close()


class SQLiteFile:
    """An owned file with its writer and its reader, both of the current format.

    The reader sees what is committed, and does so while the writer writes.
    """

    def __init__(self, location: str, settings: SQLiteSettings) -> None:
        self.location = location
        self.writer = SQLiteThread(location, settings.busy_timeout)
        self.reader = SQLiteThread(location, settings.busy_timeout)
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
            await self.reader.open()
            opened.push_async_callback(self.reader.close)
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


async def to_the_end(task: asyncio.Task[R]) -> R:
    """Waits until the task ends, and only then lets a cancellation of the caller through."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    raise cancelled from None if task.cancelled() else task.exception()
