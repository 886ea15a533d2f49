"""The store contract. `sessionstream.testing.StoreContract` tests an implementation."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypedDict, TypeVar, Unpack

from google.protobuf.message import Message

from sessionstream.arguments import check_amount, check_whole
from sessionstream.closing import AsyncClosing
from sessionstream.errors import StoreError
from sessionstream.records import ErrorRecord, ErrorSource
from sessionstream.types import Event, StoredEntity, StoredEvent, TimelineEntity, UIBatch

S = TypeVar("S", bound="HydrationStore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """How far a session has come: ordinals of events, 0 before the first.

    ``event`` is the head of the log; ``ui`` and ``timeline`` say how far each
    projection has come. The log holds the events after ``log_start``, which is
    0 until it is compacted. ``epoch`` names this life of the session: a session
    that is deleted and begun again has another. Empty for an unknown session.
    ``projections`` names what made the stored timeline, with a ``~`` before what
    was not there for the last events; None where nobody said. ``shown`` is the
    last event that had UI events, whether they are still kept or not.
    """

    event: int = 0
    ui: int = 0
    timeline: int = 0
    epoch: str = ""
    log_start: int = 0
    projections: tuple[str, ...] | None = None
    shown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much a store keeps, per session, of what only reconnecting clients need.

    UI events are kept while all three of their limits hold; they count in
    batches, one for each event that had any. Records of commands are kept
    while both of theirs hold. Times are in seconds, 0 keeps nothing, and a time
    of ``math.inf`` is no limit. A store may keep a quarter more before it
    removes what is beyond a limit; what is older than its limit is not read any
    more.
    """

    ui_batches: int = 1000
    ui_seconds: float = 3600.0
    ui_bytes: int = 4 * 2**20
    commands: int = 1000
    command_seconds: float = 24 * 3600.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not field.name.endswith("_seconds"):
                check_whole(field.name, value)
            if value != math.inf:
                check_amount(field.name, value)


class CommandStatus(StrEnum):
    """How far a command has come, as a store keeps it."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """What a store knows of a command that a client named with an id.

    One that is ``ACCEPTED`` is being run, or was when its process ended.
    ``code`` and ``message`` say why it failed. ``ordinal`` is the session's
    last event when it was accepted, then when it ended. ``at`` is that time, in
    seconds since the Unix epoch. ``principal`` is the id of whoever gave it, ""
    where nobody was named: under one id no other command, and nobody else's, is
    answered.
    """

    command_id: str
    name: str
    status: CommandStatus
    ordinal: int
    at: float
    code: str = ""
    message: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class BaseTimeline:
    """The timeline that the events of a log are folded onto: as it stood at ``ordinal``.

    At 0 and empty, unless the log was compacted.
    """

    ordinal: int = 0
    entities: tuple[StoredEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What failed on these events no longer does: their open error records are over.

    Those of ``source``, of the events ``first`` to ``last``. ``at`` is the
    time, in seconds since the Unix epoch.
    """

    source: ErrorSource
    first: int
    last: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommit:
    """What one session adds to the store in one transaction.

    ``events`` continue the stored log without a gap. ``entities`` hold each
    changed entity once, whole and with its ordinals, or its tombstone, which
    removes the row. ``ui_cursor`` and ``timeline_cursor`` are the new ones.
    With ``replace_timeline`` the entities are the whole timeline.
    ``projections`` names what made the timeline, where that has changed.
    ``passed`` resolves open records, those among ``errors`` included.
    ``ui_batches`` are the UI events of events up to the new UI cursor, in the
    order of their ordinals, none of which is 0. ``commands`` replace the
    records of the same ids. ``epoch`` names the life of a session that is not
    stored yet; the store makes a name where it is empty.
    """

    session_id: str
    events: Sequence[Event[Message]] = ()
    entities: Sequence[TimelineEntity[Message]] = ()
    errors: Sequence[ErrorRecord] = ()
    passed: Sequence[Passed] = ()
    ui_cursor: int
    timeline_cursor: int
    replace_timeline: bool = False
    projections: tuple[str, ...] | None = None
    ui_batches: Sequence[UIBatch] = ()
    commands: Sequence[CommandRecord] = ()
    epoch: str = ""


class ErrorFilters(TypedDict, total=False):
    """Which error records are asked for.

    Attributes:
        source: Those from one source.
        since: Those that occurred then or later, in seconds since the Unix epoch.
        until: Those that occurred before.
        resolved: Open ones by default, resolved ones with True, both with None.
        after: The last record of the page before.
    """

    source: ErrorSource | None
    since: float | None
    until: float | None
    resolved: bool | None
    after: ErrorRecord | None


CommitBatch = Sequence[SessionCommit]
"""One transaction: commits of any number of sessions, each at most once."""


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
