"""A store that lives and dies with its process: for tests, and for a Hub without a file."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator, Sequence
from typing import Unpack

from google.protobuf.message import Message

from sessionstream.errors import StoreClosedError
from sessionstream.hydration.base import (
    BaseTimeline,
    CommandRecord,
    CommitBatch,
    Cursors,
    ErrorFilters,
    HydrationStore,
    Retention,
    SessionCommit,
)
from sessionstream.hydration.batch import (
    check_batch,
    check_entities,
    check_page,
    check_start,
    closing_time,
    new_cursors,
    next_cursors,
    storable,
)
from sessionstream.hydration.error_query import ErrorQuery, position
from sessionstream.hydration.keeping import Clock, Keeper
from sessionstream.hydration.memory_kept import NewBatch
from sessionstream.hydration.memory_payloads import PayloadTypes
from sessionstream.hydration.memory_session import Change, MemorySession, MemorySweep, copies
from sessionstream.observer import ErrorRecord
from sessionstream.types import Event, TimelineEntity, UIBatch, check_session_id

_LOCATION = "memory"


class MemoryStore(HydrationStore):
    """Keeps everything in dictionaries; nothing survives the process.

    Payloads are copied on the way in and on the way out. No method suspends,
    so a commit is whole before anyone else runs, whoever is cancelled.

    Args:
        retention: How much is kept for clients that come back.
        clock: The time in seconds since the Unix epoch, for that.
    """

    def __init__(self, *, retention: Retention = Retention(), clock: Clock = time.time) -> None:  # noqa: B008 it is frozen
        self._closed = False
        self._sessions: dict[str, MemorySession] = {}
        self._types = PayloadTypes()
        self._keeper = Keeper(retention, clock)
        self._sweep = MemorySweep(self._sessions, self._keeper)

    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch; see `HydrationStore.commit`."""
        self._check_open()
        check_batch(_LOCATION, batch)
        # All that can fail comes first: what follows applies every session.
        changes = [self._prepare(commit) for commit in batch]
        now = self._keeper.clock()
        for commit, change in zip(batch, changes, strict=True):
            session = self._sessions.get(commit.session_id)
            if session is None:
                session = self._sessions[commit.session_id] = MemorySession(change.cursors)
            session.apply(commit, change)
            records = list(map(storable, commit.commands))
            session.kept.add(self._keeper, change.ui_batches, records, now)
        self._sweep.step(now)

    def _prepare(self, commit: SessionCommit) -> Change:
        session = self._sessions.get(commit.session_id)
        stored = new_cursors(commit) if session is None else session.cursors
        return Change(
            next_cursors(_LOCATION, commit, stored),
            list(map(self._types.kept, commit.events)),
            copies(commit.entities),
            list(map(self._new, commit.ui_batches)),
        )

    def _new(self, batch: UIBatch) -> NewBatch:
        events = tuple(map(self._types.kept, batch.events))
        size = sum([len(data) for _, _, data in events])
        return batch.ordinal, size, batch.previous_ordinal, events

    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> list[Event[Message]]:
        """Returns copies of up to ``limit`` events above ``after``, in order."""
        limit = check_page(_LOCATION, limit)
        session = self._session(session_id)
        if session is None:
            return []
        return [self._types.read(session_id, *kept) for kept in session.events(after, limit)]

    async def timeline(self, session_id: str) -> list[TimelineEntity[Message]]:
        """Returns copies of the session's entities."""
        session = self._session(session_id)
        return [] if session is None else copies(session.entities.values())

    async def ui_batches(self, session_id: str, after: int = 0, limit: int = 256) -> list[UIBatch]:
        """Returns copies of up to ``limit`` kept batches above ``after``, in order."""
        limit = check_page(_LOCATION, limit)
        session = self._session(session_id)
        if session is None:
            return []
        return [
            UIBatch(
                session_id=session_id,
                epoch=session.cursors.epoch,
                ordinal=ordinal,
                previous_ordinal=previous,
                events=tuple(map(self._types.read_ui, events)),
            )
            for ordinal, _, _, previous, events in session.kept.page(
                after, limit, self._keeper.oldest_shown()
            )
        ]

    async def command(self, session_id: str, command_id: str) -> CommandRecord | None:
        """Returns what is known of a command."""
        session = self._session(session_id)
        if session is None:
            return None
        return session.kept.command(command_id, self._keeper.oldest_command())

    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""
        session = self._session(session_id)
        return Cursors() if session is None else session.cursors

    async def errors(
        self, session_id: str | None = None, limit: int = 100, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records, the newest first; see `HydrationStore.errors`."""
        self._check_open()
        query = ErrorQuery(session_id=session_id, limit=limit, **filters)
        query.check(_LOCATION)
        matching = (
            record
            for session in self._sessions.values()
            for record in session.errors.values()
            if query.matches(record)
        )
        return heapq.nlargest(limit, matching, key=position)

    async def resolve_errors(self, records: Sequence[ErrorRecord], resolved_at: float) -> int:
        """Marks open records as resolved; see `HydrationStore.resolve_errors`."""
        self._check_open()
        count = 0
        for record in records:
            session = self._session(record.session_id)
            if session is not None and session.resolve(record, resolved_at):
                session.forget_resolved()
                count += 1
        return count

    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""
        self._check_open()
        limit = check_page(_LOCATION, limit)
        if after:
            check_session_id(after)
        return heapq.nsmallest(limit, (known for known in self._sessions if known > after))

    async def clear_timeline(self, session_id: str) -> None:
        """Puts the timeline back to its base, at the start of the log."""
        session = self._session(session_id)
        if session is not None:
            session.clear_timeline()

    async def base_timeline(self, session_id: str) -> BaseTimeline:
        """Returns the timeline at the start of the log."""
        session = self._session(session_id)
        if session is None:
            return BaseTimeline()
        return BaseTimeline(session.cursors.log_start, tuple(copies(session.base.values())))

    async def compact(
        self, session_id: str, upto: int, entities: Sequence[TimelineEntity[Message]]
    ) -> None:
        """Removes the events up to an ordinal; see `HydrationStore.compact`."""
        session = self._session(session_id)
        check_entities(_LOCATION, session_id, entities)
        check_start(_LOCATION, session_id, upto, session.cursors if session else Cursors())
        if session is not None:
            session.compact(upto, copies(entities))

    async def close_session(self, session_id: str, closed_at: float) -> None:
        """Marks the session as closed; see `HydrationStore.close_session`."""
        session = self._session(session_id)
        if session is not None and session.closed_at is None:
            newest = max((time for time, _ in self._closed_ids()), default=None)
            session.closed_at = closing_time(closed_at, newest)

    async def closed_sessions(
        self, closed_before: float | None = None, keep: int | None = None
    ) -> list[str]:
        """Returns the ids of closed sessions; see `HydrationStore.closed_sessions`."""
        self._check_open()
        closed = sorted(self._closed_ids())
        if closed_before is None and keep is None:
            return [session_id for _, session_id in closed]
        surplus = 0 if keep is None else len(closed) - check_page(_LOCATION, keep)
        return [
            session_id
            for index, (time, session_id) in enumerate(closed)
            if index < surplus or (closed_before is not None and time < closed_before)
        ]

    def _closed_ids(self) -> Iterator[tuple[float, str]]:
        for session_id, session in self._sessions.items():
            if session.closed_at is not None:
                yield session.closed_at, session_id

    async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
        """Removes everything of the session; returns whether there was something."""
        session = self._session(session_id)
        if session is None or (if_closed and session.closed_at is None):
            return False
        del self._sessions[session_id]
        return True

    async def aclose(self) -> None:
        """Forgets everything; may be called twice."""
        self._closed = True
        self._sessions.clear()

    def _session(self, session_id: str) -> MemorySession | None:
        self._check_open()
        return self._sessions.get(check_session_id(session_id))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError(_LOCATION, "the store is closed")
