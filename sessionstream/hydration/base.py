"""The store contract. `sessionstream.testing.StoreContract` tests an implementation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from sessionstream.closing import AsyncClosing
from sessionstream.observer import ErrorRecord
from sessionstream.types import Event, StoredEntity, StoredEvent, TimelineEntity

S = TypeVar("S", bound="HydrationStore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """How far a session has come: ordinals of events, 0 before the first.

    ``event`` is the head of the log; ``ui`` and ``timeline`` say how far each
    projection has come. ``epoch`` names this life of the session: a session
    that is deleted and begun again has another. Empty for an unknown session.
    ``projections`` names what made the stored timeline; None where nobody said.
    """

    event: int = 0
    ui: int = 0
    timeline: int = 0
    epoch: str = ""
    projections: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommit:
    """What one session adds to the store in one transaction.

    ``events`` continue the stored log without a gap. ``entities`` hold each
    changed entity once, whole and with its ordinals, or its tombstone, which
    removes the row. ``ui_cursor`` and ``timeline_cursor`` are the new ones.
    With ``replace_timeline`` the entities are the whole timeline.
    ``projections`` names what made the timeline, where that has changed.
    """

    session_id: str
    events: Sequence[Event[Message]] = ()
    entities: Sequence[TimelineEntity[Message]] = ()
    errors: Sequence[ErrorRecord] = ()
    ui_cursor: int
    timeline_cursor: int
    replace_timeline: bool = False
    projections: tuple[str, ...] | None = None


CommitBatch = Sequence[SessionCommit]
"""One transaction: commits of any number of sessions, each at most once."""


class HydrationStore(AsyncClosing):
    """Keeps logs, timelines, cursors and error records of sessions.

    Methods raise `StoreError` or a subclass when the backend fails, and
    `StoreClosedError` after `aclose`. Payloads that are returned belong to the
    caller. A session that was never committed reads as empty.
    """

    @abstractmethod
    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch in one transaction: all of it is durable on return, or none is.

        Runs to its end even when the caller is cancelled. An error record
        whose session, source, ordinal and name are stored already replaces
        that row, and its attempts are added up.

        Raises:
            StoreConflictError: The events of a session do not follow its
                stored head without a gap.
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
    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""

    @abstractmethod
    async def errors(self, session_id: str, limit: int = 100) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records of the session, the newest first."""

    @abstractmethod
    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""

    @abstractmethod
    async def clear_timeline(self, session_id: str) -> None:
        """Removes the entities and sets the timeline's cursor to 0; the log stays."""

    @abstractmethod
    async def delete_session(self, session_id: str) -> None:
        """Removes everything of the session. Its next commit starts a new epoch at ordinal 1."""

    @abstractmethod
    async def aclose(self) -> None:
        """Finishes the commit that is running and closes the store; may be called twice."""
