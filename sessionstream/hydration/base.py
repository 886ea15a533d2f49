"""The store contract. `sessionstream.testing.StoreContract` tests an implementation."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Unpack

from google.protobuf.message import Message

from sessionstream.arguments import check_amount, check_whole
from sessionstream.closing import AsyncClosing
from sessionstream.errors import StoreError
from sessionstream.hydration.values import (
    BaseTimeline,
    CommandRecord,
    CommandStatus,
    CommitBatch,
    Cursors,
    ErrorFilters,
    Passed,
    Retention,
    SessionCommit,
)
from sessionstream.records import ErrorRecord
from sessionstream.types import StoredEntity, StoredEvent, TimelineEntity, UIBatch

__all__ = [
    "BaseTimeline",
    "CommandRecord",
    "CommandStatus",
    "CommitBatch",
    "Cursors",
    "ErrorFilters",
    "HydrationStore",
    "Passed",
    "Retention",
    "SessionCommit",
    "check_limits",
    "checked_store",
]


class HydrationStore(AsyncClosing):
    """Keeps logs, timelines, cursors, UI events, command and error records of sessions.

    Methods raise `StoreError` or a subclass when the backend fails, and
    `StoreClosedError` after `aclose`. Payloads that are returned belong to the
    caller. A session that was never committed reads as empty.
    """

    @abstractmethod
    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch in one transaction: all of it is durable on return, or none is.

        Runs to its end even when the caller is cancelled. An error record
        whose session, source, ordinal and name are stored already replaces
        that row, and its attempts are added up. Records that are resolved
        with the batch are kept as those of `resolve_errors` are.

        Raises:
            StoreConflictError: The events of a session do not follow its
                stored head without a gap, or a cursor goes back.
            StoreError: The backend failed; nothing of the batch is stored.
        """

    @abstractmethod
    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        """Returns up to ``limit`` events with an ordinal above ``after``, in order.

        One that can't be read with the types that are registered now stands
        in its place as an `UnreadableEvent`, and hides no other.
        """

    @abstractmethod
    async def timeline(self, session_id: str) -> Sequence[StoredEntity]:
        """Returns the session's entities, in any order; tombstones are not kept.

        One that can't be read with the types that are registered now is an
        `UnreadableEntity`.
        """

    @abstractmethod
    async def ui_batches(
        self, session_id: str, after: int = 0, limit: int = 256
    ) -> Sequence[UIBatch]:
        """Returns up to ``limit`` kept batches of an ordinal above ``after``, in order.

        Nothing is missing between a batch and one before it. The first may not
        be the first that there was: its ``previous_ordinal`` tells. Of a page
        whose payloads exceed a MiB only the first batches are returned, at least
        one. One that can't be read any more says so in its ``unreadable``.
        """

    @abstractmethod
    async def command(self, session_id: str, command_id: str) -> CommandRecord | None:
        """Returns what is known of a command; None where nothing is, or is kept no more."""

    @abstractmethod
    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""

    @abstractmethod
    async def errors(
        self, session_id: str | None = None, limit: int = 100, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records, the newest first.

        Of the same moment, those with the greatest ordinal come first, then
        source, session id and name.

        Args:
            session_id: Those of one session; of all sessions if not given.
            limit: How many, at most.
            **filters: Which of them; see `ErrorFilters`.
        """

    @abstractmethod
    async def resolve_errors(self, records: Sequence[ErrorRecord], resolved_at: float) -> int:
        """Marks open records as resolved; returns how many were.

        A record that has failed again since it was read stays open: its
        attempts have changed. Of the resolved records of a session the last
        hundred to be resolved are kept.
        """

    @abstractmethod
    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""

    @abstractmethod
    async def clear_timeline(self, session_id: str) -> None:
        """Puts the timeline back to its base, at the start of the log, which stays."""

    @abstractmethod
    async def base_timeline(self, session_id: str) -> BaseTimeline:
        """Returns the timeline at the start of the log."""

    @abstractmethod
    async def compact(
        self, session_id: str, upto: int, entities: Sequence[TimelineEntity[Message]]
    ) -> None:
        """Removes the events up to an ordinal at which the timeline had these entities.

        The removed events are no longer readable on return. Where it fails
        on the way, the log begins at the old or at the new start.

        Raises:
            StoreConflictError: The session's log does not hold that ordinal,
                or a cursor has not come so far.
        """

    @abstractmethod
    async def close_session(self, session_id: str, closed_at: float) -> None:
        """Marks the session as closed; its next event opens it again.

        Nothing else changes. ``closed_at`` is in seconds since the Unix epoch.
        Where the clock went back, the time of the session that was closed
        last counts: sessions are in the order in which they were closed.
        Closing again, or an unknown session, does nothing.
        """

    @abstractmethod
    async def closed_sessions(
        self, closed_before: float | None = None, keep: int | None = None
    ) -> list[str]:
        """Returns the ids of closed sessions, those that were closed first coming first.

        With limits, of those that were closed before a time, in seconds since
        the Unix epoch, or that are not among the ``keep`` closed last.
        """

    @abstractmethod
    async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
        """Removes everything of the session; returns whether there was something.

        The next commit starts a new epoch at ordinal 1.

        Args:
            session_id: The session.
            if_closed: Leaves one alone that is not closed.
        """

    async def purge(self, closed_before: float | None = None, keep: int | None = None) -> list[str]:
        """Deletes what `closed_sessions` returns for these limits; returns what was deleted.

        For a store that no Hub has open; with one, `Hub.purge`. No clock is
        read: a clock that jumps can't delete anything by ``keep``, and by
        ``closed_before`` only where the caller took that time from it.

        Raises:
            StoreError: No limit is given.
        """
        check_limits(closed_before, keep)
        closed = await self.closed_sessions(closed_before, keep)
        return [each for each in closed if await self.delete_session(each, if_closed=True)]

    @abstractmethod
    async def aclose(self) -> None:
        """Finishes the commit that is running and closes the store; may be called twice."""


def checked_store(store: object) -> HydrationStore:
    """Returns what is a store; names the remedy for one that was not opened."""
    if isinstance(store, HydrationStore):
        return store
    reason = "it is no open store; write `async with SQLiteStore.open(…) as store`"
    raise StoreError(repr(store), reason)


def check_limits(closed_before: float | None, keep: int | None) -> None:
    """Refuses to purge without a limit, which would be everything.

    Raises:
        StoreError: Neither is given.
    """
    if closed_before is None and keep is None:
        raise StoreError("purge", "say what to delete: give closed_before, keep or both")
    if closed_before is not None:
        check_amount("closed_before", closed_before, least=-math.inf)
    if keep is not None:
        check_whole("keep", keep)
