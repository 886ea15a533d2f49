"""A store in one SQLite file, owned by one process."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from functools import partial
from typing import Unpack

from google.protobuf.message import Message

from sessionstream.hydration.base import (
    BaseTimeline,
    CommandRecord,
    CommitBatch,
    Cursors,
    ErrorFilters,
    HydrationStore,
    Retention,
)
from sessionstream.hydration.batch import MAX_ORDINAL, check_batch, check_entities, check_page
from sessionstream.hydration.error_query import ErrorQuery
from sessionstream.hydration.keeping import Clock, Keeper
from sessionstream.hydration.sqlite_access import SQLiteAccess
from sessionstream.hydration.sqlite_dead_letters import list_errors, resolve_errors
from sessionstream.hydration.sqlite_file import Durability, SQLiteFile, SQLiteSettings
from sessionstream.hydration.sqlite_history import read_command, read_ui_events
from sessionstream.hydration.sqlite_kept_rows import decode_batches, decode_command
from sessionstream.hydration.sqlite_lock import locate
from sessionstream.hydration.sqlite_opening import SQLiteOpening
from sessionstream.hydration.sqlite_rows import RowDecoder, encode, encode_entities
from sessionstream.hydration.sqlite_sessions import (
    clear_timeline,
    close_session,
    closed_sessions,
    delete_session,
    drop_events,
    move_base,
    read_base,
    read_cursors,
    read_entities,
    read_events,
    read_session_ids,
    vacuum,
)
from sessionstream.observer import ErrorRecord
from sessionstream.schema import SchemaRegistry
from sessionstream.types import StoredEntity, StoredEvent, TimelineEntity, UIBatch, check_session_id


class SQLiteStore(HydrationStore):
    """Keeps sessions in one file; made by `open`.

    Reads see every commit that has returned, and do not wait for one that is
    being written. An event or an entity that the registry can't decode is an
    `UnreadableEvent` or `UnreadableEntity`, which says why. Other programs may
    read the file meanwhile.
    """

    def __init__(self, file: SQLiteFile, registry: SchemaRegistry, keeper: Keeper) -> None:
        self._file = file
        self._location = file.location
        self._keeper = keeper
        self._access = SQLiteAccess(file, keeper)
        self._registry = registry
        self._decoder = RowDecoder(file.location, registry)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        registry: SchemaRegistry,
        *,
        durability: Durability = "full",
        max_bytes: int | None = None,
        busy_timeout: float = 5.0,
        retention: Retention = Retention(),  # noqa: B008 it is frozen
        clock: Clock = time.time,
    ) -> SQLiteOpening[SQLiteStore]:
        """Opens the store's file, which is created where there is none.

        Use it as ``async with SQLiteStore.open(…) as store:`` or as ``store =
        await SQLiteStore.open(…)``. A cancelled opening leaves nothing open.

        Commits go to the log beside the file, ``-wal``, which is written back
        to the file after every 4 MB or so, and then used again. While another
        program reads in a transaction, or a backup is made, the log grows;
        afterwards it is cut to 64 MB, and closing empties it. The file does not
        shrink by itself: what deletions free is used again (``auto_vacuum`` is
        off, since it moves rows with every deletion); `vacuum` gives it back.

        Args:
            path: The file. ``<path>.lock``, ``-wal`` and ``-shm`` lie beside it.
            registry: The types to decode with; it may still be filled later.
            durability: What a commit outlives: with ``full`` a power failure,
                with ``normal``, which is faster, the end of the process.
            max_bytes: A limit for the file, the log beside it not counted.
            busy_timeout: How long to wait for other programs, in seconds.
            retention: How much is kept for clients that come back. What is
                beyond it goes with later commits, that of idle sessions too.
            clock: The time in seconds since the Unix epoch, for that.

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
        keeper = Keeper(retention, clock)
        return SQLiteOpening(
            lambda: SQLiteFile(locate(path), settings),
            lambda file: cls(file, registry, keeper),
        )

    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch; see `HydrationStore.commit`.

        A caller that is cancelled does not wait for the commit, which goes on.
        """
        self._access.check_open()
        check_batch(self._location, batch)
        rows = [encode(self._location, commit, self._keeper) for commit in batch]
        if rows:
            await self._access.commit(rows)

    async def events(self, session_id: str, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        """Returns up to ``limit`` events with an ordinal above ``after``, in order."""
        limit = check_page(self._location, limit)
        after = min(max(after, 0), MAX_ORDINAL)
        check_session_id(session_id)
        rows = await self._access.read(
            partial(read_events, session_id=session_id, after=after, limit=limit)
        )
        # Here, not beside the reading: it calls the application's upcasters.
        return [self._decoder.event(session_id, row) for row in rows]

    async def timeline(self, session_id: str) -> list[StoredEntity]:
        """Returns the session's entities."""
        check_session_id(session_id)
        return await self._access.read(
            lambda db: self._decoder.entities(session_id, read_entities(db, session_id))
        )

    async def ui_batches(self, session_id: str, after: int = 0, limit: int = 256) -> list[UIBatch]:
        """Returns up to ``limit`` kept batches of an ordinal above ``after``, in order."""
        check_session_id(session_id)
        read = partial(
            read_ui_events,
            session_id=session_id,
            after=min(max(after, 0), MAX_ORDINAL),
            limit=check_page(self._location, limit),
            oldest=self._keeper.oldest_shown(),
        )
        return decode_batches(self._registry, session_id, await self._access.read(read))

    async def command(self, session_id: str, command_id: str) -> CommandRecord | None:
        """Returns what is known of a command."""
        check_session_id(session_id)
        oldest = self._keeper.oldest_command()
        row = await self._access.read(
            partial(read_command, session_id=session_id, command_id=command_id, oldest=oldest)
        )
        return None if row is None else decode_command(self._location, session_id, row)

    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""
        return await self._access.read(
            partial(read_cursors, session_id=check_session_id(session_id))
        )

    async def errors(
        self, session_id: str | None = None, limit: int = 100, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records, the newest first; see `HydrationStore.errors`."""
        query = ErrorQuery(session_id=session_id, limit=limit, **filters)
        query.check(self._location)
        rows = await self._access.read(partial(list_errors, location=self._location, query=query))
        return [self._decoder.error(row) for row in rows]

    async def resolve_errors(self, records: Sequence[ErrorRecord], resolved_at: float) -> int:
        """Marks open records as resolved; runs on when cancelled."""
        return await self._access.write(
            partial(resolve_errors, records=tuple(records), resolved_at=resolved_at)
        )

    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""
        limit = check_page(self._location, limit)
        if after:
            check_session_id(after)
        return await self._access.read(partial(read_session_ids, after=after, limit=limit))

    async def clear_timeline(self, session_id: str) -> None:
        """Puts the timeline back to its base; runs on when cancelled."""
        await self._access.write(partial(clear_timeline, session_id=check_session_id(session_id)))

    async def base_timeline(self, session_id: str) -> BaseTimeline:
        """Returns the timeline at the start of the log."""
        check_session_id(session_id)

        def read(db: sqlite3.Connection) -> BaseTimeline:
            start, rows = read_base(db, session_id)
            return BaseTimeline(start, tuple(self._decoder.entities(session_id, rows)))

        return await self._access.read(read)

    async def compact(
        self, session_id: str, upto: int, entities: Sequence[TimelineEntity[Message]]
    ) -> None:
        """Removes the events up to an ordinal, some at a time; commits go on meanwhile.

        A cancelled call leaves events behind that are no longer read; the next
        compaction of the session removes them.
        """
        at = self._location
        check_session_id(session_id)
        check_entities(at, session_id, entities)
        rows = encode_entities(at, session_id, entities)
        await self._access.write(
            partial(move_base, location=at, session_id=session_id, upto=upto, rows=rows)
        )
        while await self._access.write(partial(drop_events, session_id=session_id)):
            pass
        await self._file.truncate_log()

    async def close_session(self, session_id: str, closed_at: float) -> None:
        """Marks the session as closed; runs on when cancelled."""
        check_session_id(session_id)
        await self._access.write(partial(close_session, session_id=session_id, closed_at=closed_at))

    async def closed_sessions(
        self, closed_before: float | None = None, keep: int | None = None
    ) -> list[str]:
        """Returns the ids of closed sessions; see `HydrationStore.closed_sessions`."""
        if keep is not None:
            keep = check_page(self._location, keep)
        return await self._access.read(
            partial(closed_sessions, closed_before=closed_before, keep=keep)
        )

    async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
        """Removes everything of the session, and what the files still show of it.

        Its bytes are overwritten, and the log beside the file, which has
        copies, is emptied. While another program reads the file in a
        transaction, that log stays; it is emptied with the next deletion, or
        when the store is closed. Where SQLite once moved a row from one page
        to another, the old place can keep a copy that nobody knows of:
        `vacuum` removes those as well. Runs on when cancelled.
        """
        check_session_id(session_id)
        deleted = await self._access.write(
            partial(delete_session, session_id=session_id, if_closed=if_closed)
        )
        if deleted:
            await self._file.truncate_log()
        return deleted

    async def backup(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Copies the store, as it is now, to a file that opens as a store.

        Commits go on meanwhile and are not in the copy; the log beside the
        file can't shrink until the copy is made. The new file is there once it
        is whole and on the disk: a call that fails or is cancelled leaves none.

        Args:
            path: The new file.
            replace: Whether it may take the place of one that is there.

        Raises:
            StoreLockedError: A store has that file open.
            StoreFullError: There is no space for it.
            StoreClosedError: The store was closed meanwhile.
            StoreError: The file is there already, or can't be written.
        """
        await self._access.backup(path, replace=replace)

    async def vacuum(self) -> None:
        """Writes the file anew, without the space that deletions have left in it.

        Commits wait meanwhile, reads do not. Needs as much free disk as the
        file is large, twice over.
        """
        await self._access.write(vacuum)
        await self._file.truncate_log()

    async def aclose(self) -> None:
        """Closes after the calls that were made before; may be called twice.

        A backup that is being made ends with `StoreClosedError`. A caller that
        is cancelled is so once the store is closed.
        """
        await self._access.aclose()
