"""Copies of a store's file, taken while it is in use."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sessionstream.errors import StoreClosedError, StoreError
from sessionstream.hydration.sqlite_connection import SQLiteThread, to_the_end
from sessionstream.hydration.sqlite_errors import translated
from sessionstream.hydration.sqlite_lock import FileLock

# How much is copied in one step, about 4 MiB, and how long the disk is left to others between.
PAGES_PER_STEP = 1024
PAUSE_SECONDS = 0.002


class Backup:
    """One copy of a store, made on a thread of its own; `stop` ends it early, without a trace."""

    def __init__(self, location: str, target: str, *, replace: bool) -> None:
        self._location = location
        self._target = target
        self._replace = replace
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Lets `run` end with an error after its present step."""
        self._stopped.set()

    def run(self, source: sqlite3.Connection) -> None:
        """Writes the state that the source has now to the target.

        Commits go on meanwhile; they are not in the copy. The target is there
        once it is whole.

        Raises:
            StoreLockedError: A store has the target open.
            StoreError: The target is there already, or can't be written.
            StoreClosedError: It was stopped.
        """
        with self._reserved(), self._unfinished() as copy:
            with translated(self._target), closing(sqlite3.connect(copy)) as db:
                self._copy(source, db)
            _sync(copy)
            if self._replace:
                self._remove_log()
                os.replace(copy, self._target)
            else:
                self._publish(copy)
            _sync(os.path.dirname(self._target))

    def _copy(self, source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        # One transaction over all steps: without it, each commit would start the copy over.
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target, pages=PAGES_PER_STEP, progress=self._after_step)
        finally:
            source.execute("COMMIT")

    def _after_step(self, _status: int, _remaining: int, _total: int) -> None:
        if self._stopped.wait(PAUSE_SECONDS):
            raise StoreClosedError(self._location, "the store was closed during a backup")

    @contextmanager
    def _reserved(self) -> Iterator[None]:
        """Keeps stores from opening a target that is there."""
        if self._target in {self._location + suffix for suffix in ("-wal", "-shm", ".lock")}:
            raise StoreError(self._target, "it belongs to the store; give another path")
        taken = [name for name in (self._target, f"{self._target}-wal") if os.path.lexists(name)]
        if not taken:
            yield
            return
        if not self._replace:
            raise StoreError(
                self._target, "the file is there already; give another path, or replace=True"
            )
        if os.path.lexists(self._target) and not os.path.isfile(self._target):
            raise StoreError(self._target, "it is no ordinary file; give another path")
        lock = FileLock(self._target)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _unfinished(self) -> Iterator[str]:
        """Gives a name beside the target that is gone afterwards."""
        copy = f"{self._target}.{os.getpid()}-{threading.get_ident()}.partial"
        try:
            with _named(self._target):
                yield copy
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                with suppress(OSError):
                    os.remove(copy + suffix)

    def _publish(self, copy: str) -> None:
        # Unlike a renaming, a link never takes the place of a file that came meanwhile.
        try:
            os.link(copy, self._target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            os.rename(copy, self._target)

    def _remove_log(self) -> None:
        # The old target's log must not be applied to the copy.
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.remove(self._target + suffix)


class Backups:
    """The copies of one store that are being made."""

    def __init__(self, location: str, busy_timeout: float) -> None:
        self._location = location
        self._busy_timeout = busy_timeout
        # Guard: the event loop.
        self._running: dict[asyncio.Task[None], Backup] = {}

    async def make(self, target: str, *, replace: bool) -> None:
        """Makes a copy; see `Backup.run`. One whose caller is cancelled leaves nothing."""
        backup = Backup(self._location, target, replace=replace)
        task = asyncio.create_task(self._run(backup))
        self._running[task] = backup
        task.add_done_callback(self._running.pop)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            backup.stop()
            with suppress(StoreError):
                await to_the_end(task)
            raise

    async def _run(self, backup: Backup) -> None:
        thread = SQLiteThread(self._location, self._busy_timeout)
        await thread.open()
        try:
            await thread.run(backup.run)
        finally:
            await thread.close()

    async def aclose(self) -> None:
        """Ends all of them early."""
        for backup in self._running.values():
            backup.stop()
        if self._running:
            await asyncio.wait(self._running)


@contextmanager
def _named(target: str) -> Iterator[None]:
    """Raises `StoreError` with the target's name instead of `OSError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(target, f"the backup can't be written: {error.strerror}") from error


def _sync(path: str) -> None:
    """Makes a file, or the names in a directory, survive a power failure."""
    if os.name == "nt" and os.path.isdir(path):
        return
    descriptor = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
