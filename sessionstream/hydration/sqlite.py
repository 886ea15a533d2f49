"""A store in one SQLite file, owned by one process."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any

from sessionstream.errors import StoreClosedError, StoreError
from sessionstream.hydration.base import CommitBatch, Cursors, HydrationStore
from sessionstream.hydration.batch import MAX_ORDINAL, check_batch, check_page
from sessionstream.hydration.sqlite_connection import (
    Durability,
    SQLiteFile,
    SQLiteSettings,
    to_the_end,
)
from sessionstream.hydration.sqlite_rows import EntityRow, ErrorRow, EventRow, RowDecoder, encode
from sessionstream.hydration.sqlite_write import clear_timeline, delete_session, write_batch
from sessionstream.observer import ErrorRecord
from sessionstream.schema import SchemaRegistry
from sessionstream.types import StoredEntity, StoredEvent, check_session_id

_CURSORS = """
    SELECT event_head, ui_cursor, timeline_cursor, epoch, projections
    FROM sessions WHERE session_id = ?
"""
_EVENTS = """
    SELECT ordinal, name, message_type, payload FROM sessions JOIN events USING (session_key)
    WHERE session_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?
"""
_ENTITIES = """
    SELECT kind, id, created_ordinal, last_event_ordinal, message_type, payload
    FROM sessions JOIN entities USING (session_key) WHERE session_id = ?
"""
_ERRORS = """
    SELECT source, ordinal, name, error_type, message, occurred_at, attempts
    FROM sessions JOIN errors USING (session_key) WHERE session_id = ?
    ORDER BY occurred_at DESC, ordinal DESC, source DESC LIMIT ?
"""
# SQLite compares the UTF-8 bytes, whose order is that of the code points.
_SESSIONS = "SELECT session_id FROM sessions WHERE session_id > ? ORDER BY session_id LIMIT ?"


class SQLiteStore(HydrationStore):
    """Keeps sessions in one file; made by `open`.

    Reads see every commit that has returned, and do not wait for one that is
    being written. An event or an entity that the registry can't decode is an
    `UnreadableEvent` or `UnreadableEntity`, which says why. Other programs may
    read the file meanwhile.
    """

    def __init__(self, file: SQLiteFile, registry: SchemaRegistry) -> None:
        self._file = file
        self._location = file.location
        self._decoder = RowDecoder(file.location, registry)
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        registry: SchemaRegistry,
        *,
        durability: Durability = "full",
        max_bytes: int | None = None,
        busy_timeout: float = 5.0,
    ) -> SQLiteOpening:
        """Opens the store's file, which is created where there is none.

        Use it as ``async with SQLiteStore.open(…) as store:`` or as ``store =
        await SQLiteStore.open(…)``. A cancelled opening leaves nothing open.

        Args:
            path: The file. ``<path>.lock``, ``-wal`` and ``-shm`` lie beside it.
            registry: The types to decode with; it may still be filled later.
            durability: What a commit outlives: with ``full`` a power failure,
                with ``normal``, which is faster, the end of the process.
            max_bytes: A limit for the file, the log beside it not counted.
            busy_timeout: How long to wait for other programs, in seconds.

        Raises:
            StoreLockedError: A store has the file open already, here or in
                another process; this never waits.
            StoreVersionError: A newer release wrote the file.
            StoreCorruptError: It is no store.
            StoreError: It can't be written, or a setting is wrong.
        """
        settings = SQLiteSettings(
            durability=durability, max_bytes=max_bytes, busy_timeout=busy_timeout
        )
        return SQLiteOpening(lambda: cls(SQLiteFile(_locate(path), settings), registry))

    async def _open(self) -> None:
        try:
            await to_the_end(asyncio.create_task(self._file.open()))
        except asyncio.CancelledError:
            await self.aclose()
            raise

    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch; see `HydrationStore.commit`.

        A caller that is cancelled does not wait for the commit, which goes on.
        """
        self._check_open()
        check_batch(self._location, batch)
        rows = [encode(self._location, commit) for commit in batch]
        if rows:
            await self._file.writer.run(partial(write_batch, location=self._location, batch=rows))

    async def events(self, session_id: str, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        """Returns up to ``limit`` events with an ordinal above ``after``, in order."""
        limit = check_page(self._location, limit)
        rows: list[EventRow] = await self._fetch(
            _EVENTS, check_session_id(session_id), min(max(after, 0), MAX_ORDINAL), limit
        )
        return [self._decoder.event(session_id, row) for row in rows]

    async def timeline(self, session_id: str) -> list[StoredEntity]:
        """Returns the session's entities."""
        rows: list[EntityRow] = await self._fetch(_ENTITIES, check_session_id(session_id))
        return [self._decoder.entity(session_id, row) for row in rows]

    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""
        rows: list[tuple[int, int, int, str, str | None]] = await self._fetch(
            _CURSORS, check_session_id(session_id)
        )
        for event, ui, timeline, epoch, names in rows:
            projections = None if names is None else tuple(json.loads(names))
            return Cursors(
                event=event, ui=ui, timeline=timeline, epoch=epoch, projections=projections
            )
        return Cursors()

    async def errors(self, session_id: str, limit: int = 100) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records, the newest first."""
        limit = check_page(self._location, limit)
        rows: list[ErrorRow] = await self._fetch(_ERRORS, check_session_id(session_id), limit)
        return [self._decoder.error(session_id, row) for row in rows]

    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""
        limit = check_page(self._location, limit)
        if after:
            check_session_id(after)
        return [session_id for (session_id,) in await self._fetch(_SESSIONS, after, limit)]

    async def clear_timeline(self, session_id: str) -> None:
        """Removes the entities and sets the timeline's cursor to 0; runs on when cancelled."""
        self._check_open()
        work = partial(clear_timeline, session_id=check_session_id(session_id))
        await self._file.writer.run(work)

    async def delete_session(self, session_id: str) -> None:
        """Removes everything of the session; runs on when cancelled."""
        self._check_open()
        work = partial(delete_session, session_id=check_session_id(session_id))
        await self._file.writer.run(work)

    async def aclose(self) -> None:
        """Closes after the calls that were made before; may be called twice.

        A caller that is cancelled is so once the store is closed.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._file.close())
        await to_the_end(self._closing)

    def _check_open(self) -> None:
        if self._closing is not None:
            raise StoreClosedError(self._location, "the store is closed")

    async def _fetch(self, sql: str, *parameters: str | int) -> list[Any]:
        self._check_open()
        return await self._file.reader.run(lambda db: db.execute(sql, parameters).fetchall())


class SQLiteOpening:
    """What `SQLiteStore.open` answers: to be awaited or entered, once."""

    def __init__(self, make: Callable[[], SQLiteStore]) -> None:
        self._make = make
        self._store: SQLiteStore | None = None

    def __await__(self) -> Generator[object, None, SQLiteStore]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> SQLiteStore:
        self._store = self._make()
        await self._store._open()
        return self._store

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._store is not None:
            await self._store.aclose()


def _locate(path: str | os.PathLike[str]) -> str:
    """Returns the file's one real path: two names of a file share its lock."""
    name = os.fspath(path)
    if name in ("", ":memory:"):
        raise StoreError(repr(name), "a store needs a file; for one in memory use MemoryStore()")
    location = os.path.realpath(name)
    if os.path.isdir(location):
        raise StoreError(str(location), "it is a folder; a store is a file: name one in it")
    return location
