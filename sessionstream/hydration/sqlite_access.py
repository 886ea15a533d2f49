"""How a store gets at its file: reads and writes on their threads, until it is closed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sessionstream.errors import StoreClosedError
from sessionstream.hydration.keeping import Keeper
from sessionstream.hydration.sqlite_backup import Backups
from sessionstream.hydration.sqlite_connection import to_the_end
from sessionstream.hydration.sqlite_file import SQLiteFile
from sessionstream.hydration.sqlite_lock import locate
from sessionstream.hydration.sqlite_rows import SessionRows
from sessionstream.hydration.sqlite_write import BatchWriter

R = TypeVar("R")


class SQLiteAccess:
    """Runs what a store asks of its file; refuses it as soon as closing has begun."""

    def __init__(self, file: SQLiteFile, keeper: Keeper) -> None:
        self._file = file
        self._keeper = keeper
        self._batches = BatchWriter(file.location, keeper)
        self._backups = Backups(file.location, file.settings.busy_timeout)
        self._closing: asyncio.Task[None] | None = None

    def check_open(self) -> None:
        """Raises `StoreClosedError` as soon as closing has begun."""
        if self._closing is not None:
            raise StoreClosedError(self._file.location, "the store is closed")

    async def read(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Runs on a reader's thread; sees what is committed."""
        self.check_open()
        return await self._file.readers.run(work)

    async def write(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Runs on the writer's thread what is no commit; it may change any session."""
        self.check_open()

        def run(db: sqlite3.Connection) -> R:
            self._batches.forget()
            return work(db)

        return await self._file.writer.run(run)

    async def commit(self, rows: Sequence[SessionRows]) -> None:
        """Writes a batch in one transaction."""
        self.check_open()
        now = self._keeper.clock()
        await self._file.writer.run(partial(self._batches.write, batch=rows, now=now))

    async def backup(self, path: str | os.PathLike[str], *, replace: bool) -> None:
        """Copies the file, as it is now; see `SQLiteStore.backup`."""
        self.check_open()
        await self._backups.make(locate(path), replace=replace)

    async def aclose(self) -> None:
        """Ends the backups, then closes the file; see `SQLiteStore.aclose`."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await to_the_end(self._closing)

    async def _close(self) -> None:
        await self._backups.aclose()
        await self._file.close()
