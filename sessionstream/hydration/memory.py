"""A store that lives and dies with its process: for tests, and for a Hub without a file."""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from sessionstream.errors import StoreClosedError
from sessionstream.hydration.base import CommitBatch, Cursors, HydrationStore, SessionCommit
from sessionstream.hydration.batch import check_batch, check_page, next_cursors
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.timeline import copy_entity
from sessionstream.types import Event, TimelineEntity, check_session_id

_LOCATION = "memory"

EntityKey = tuple[str, str]
ErrorKey = tuple[ErrorSource, int, str]


# A tuple of what the garbage collector need not look into: a log may be long.
_StoredEvent = tuple[str, type[Message], bytes]


@dataclass(slots=True)
class _Session:
    cursors: Cursors
    events: list[_StoredEvent] = field(default_factory=list)
    entities: dict[EntityKey, TimelineEntity[Message]] = field(default_factory=dict)
    errors: dict[ErrorKey, ErrorRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Change:
    """A commit that was checked and copied; applying it can't fail."""

    cursors: Cursors
    events: list[_StoredEvent]
    entities: list[TimelineEntity[Message]]


class MemoryStore(HydrationStore):
    """Keeps everything in dictionaries; nothing survives the process.

    Payloads are copied on the way in and on the way out. No method suspends,
    so a commit is whole before anyone else runs, whoever is cancelled.
    """

    def __init__(self) -> None:
        self._closed = False
        self._sessions: dict[str, _Session] = {}

    async def commit(self, batch: CommitBatch) -> None:
        """Stores the batch; see `HydrationStore.commit`."""
        self._check_open()
        check_batch(_LOCATION, batch)
        # All that can fail comes first: what follows applies every session.
        changes = [self._prepare(commit) for commit in batch]
        for commit, change in zip(batch, changes, strict=True):
            self._apply(commit, change)

    def _prepare(self, commit: SessionCommit) -> _Change:
        session = self._sessions.get(commit.session_id)
        stored = Cursors(epoch=secrets.token_hex(8)) if session is None else session.cursors
        return _Change(
            next_cursors(_LOCATION, commit, stored),
            [_stored(event) for event in commit.events],
            _copies(commit.entities),
        )

    def _apply(self, commit: SessionCommit, change: _Change) -> None:
        session = self._sessions.setdefault(commit.session_id, _Session(change.cursors))
        session.cursors = change.cursors
        session.events += change.events
        if commit.replace_timeline:
            session.entities.clear()
        for entity in change.entities:
            if entity.tombstone:
                session.entities.pop((entity.kind, entity.id), None)
            else:
                session.entities[entity.kind, entity.id] = entity
        for error in commit.errors:
            key = (error.source, error.ordinal, error.name)
            earlier = session.errors.get(key)
            attempts = error.attempts + (0 if earlier is None else earlier.attempts)
            session.errors[key] = replace(error, attempts=attempts)

    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> list[Event[Message]]:
        """Returns copies of up to ``limit`` events above ``after``, in order."""
        limit = check_page(_LOCATION, limit)
        session = self._session(session_id)
        if session is None:
            return []
        start = max(after, 0)  # the event of ordinal n is at index n - 1
        page = session.events[start : start + limit]
        return [
            Event(
                session_id=session_id,
                name=name,
                ordinal=ordinal,
                payload=message_type.FromString(data),
            )
            for ordinal, (name, message_type, data) in enumerate(page, start + 1)
        ]

    async def timeline(self, session_id: str) -> list[TimelineEntity[Message]]:
        """Returns copies of the session's entities."""
        session = self._session(session_id)
        return [] if session is None else _copies(session.entities.values())

    async def cursors(self, session_id: str) -> Cursors:
        """Returns the session's cursors."""
        session = self._session(session_id)
        return Cursors() if session is None else session.cursors

    async def errors(self, session_id: str, limit: int = 100) -> list[ErrorRecord]:
        """Returns up to ``limit`` error records, the newest first."""
        limit = check_page(_LOCATION, limit)
        session = self._session(session_id)
        if session is None:
            return []
        newest = sorted(session.errors.values(), key=_age, reverse=True)
        return newest[:limit]

    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Returns up to ``limit`` session ids greater than ``after``, sorted by code point."""
        self._check_open()
        limit = check_page(_LOCATION, limit)
        if after:
            check_session_id(after)
        return heapq.nsmallest(limit, (known for known in self._sessions if known > after))

    async def clear_timeline(self, session_id: str) -> None:
        """Removes the entities and sets the timeline's cursor to 0; the log stays."""
        session = self._session(session_id)
        if session is not None:
            session.entities.clear()
            session.cursors = replace(session.cursors, timeline=0)

    async def delete_session(self, session_id: str) -> None:
        """Removes everything of the session."""
        if self._session(session_id) is not None:
            del self._sessions[session_id]

    async def aclose(self) -> None:
        """Forgets everything; may be called twice."""
        self._closed = True
        self._sessions.clear()

    def _session(self, session_id: str) -> _Session | None:
        self._check_open()
        return self._sessions.get(check_session_id(session_id))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError(_LOCATION, "the store is closed")


def _stored(event: Event[Message]) -> _StoredEvent:
    payload = event.payload
    return event.name, type(payload), payload.SerializePartialToString()


def _age(error: ErrorRecord) -> tuple[float, int, str]:
    return error.occurred_at, error.ordinal, error.source


def _copies(entities: Iterable[TimelineEntity[Message]]) -> list[TimelineEntity[Message]]:
    return [copy_entity(entity) for entity in entities]
