"""SQLite connections on threads of their own.

The writer's transactions run as whole functions on its thread. Statement by
statement each would wait for a busy event loop again and again with the write
lock held, and a cancelled caller could leave one open.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TypeVar

import aiosqlite

from sessionstream.hydration.sqlite_errors import translated

R = TypeVar("R")

# How many reads run side by side.
_READERS = 3


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
        # How many callers wait. Guard: the event loop.
        self.waiting = 0
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
        self.waiting += 1
        try:
            with translated(self._location):
                await self._connection.commit()
        finally:
            self.waiting -= 1
        return results[0]

    async def close(self) -> None:
        """Closes after the calls that were made before."""
        with translated(self._location):
            await self._connection.close()


class SQLiteReaders:
    """Connections that read side by side: a long read holds up no short one."""

    def __init__(self, location: str, busy_timeout: float) -> None:
        self._threads = [SQLiteThread(location, busy_timeout) for _ in range(_READERS)]

    async def open(self) -> None:
        """Connects, all or nothing."""
        async with AsyncExitStack() as opened:
            for thread in self._threads:
                await thread.open()
                opened.push_async_callback(thread.close)
            opened.pop_all()

    async def run(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Returns what the function returns on the connection with the least to do."""
        return await min(self._threads, key=_waiting).run(work)

    async def close(self) -> None:
        """Closes after the calls that were made before."""
        for thread in self._threads:
            await thread.close()


def _waiting(thread: SQLiteThread) -> int:
    return thread.waiting


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
