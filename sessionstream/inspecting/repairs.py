"""Mends the timelines of a store that no server has open: rebuilds, and what failed run again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sessionstream.errors import SessionStreamError, StoreError
from sessionstream.hub import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.inspecting.application import session_ids
from sessionstream.observer import ErrorRecord

Progress = Callable[[str, int, int], None]
"""Called with a session, and how far of how much of its log is folded."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A session's timeline was folded anew up to ``timeline``, or was left as it is by an error."""

    session_id: str
    timeline: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of an error record: resolved, still open, or what failed now."""

    record: ErrorRecord
    resolved: bool
    error: str = ""


async def rebuilt(
    hub: Hub, store: SQLiteStore, sessions: Sequence[str], progress: Progress
) -> AsyncIterator[Rebuilt]:
    """Rebuilds the timelines of these sessions, or of all where none is named.

    Raises:
        StoreError: A session that is named is not there; nothing is rebuilt then.
    """
    for session_id in await _chosen(store, sessions):
        try:
            at = await hub.rebuild_timeline(session_id, progress=partial(progress, session_id))
        except SessionStreamError as error:
            stays = (await store.cursors(session_id)).timeline
            yield Rebuilt(session_id, stays, str(error))
        else:
            yield Rebuilt(session_id, at)


async def retried(hub: Hub, store: SQLiteStore, sessions: Sequence[str]) -> AsyncIterator[Retried]:
    """Runs what failed in these sessions, or in all, again; the oldest first.

    Raises:
        StoreError: A session that is named is not there; nothing is run then.
    """
    for session_id in await _chosen(store, sessions):
        for record in reversed(await _open_records(store, session_id)):
            try:
                resolved = await hub.retry(record)
            except SessionStreamError as error:
                yield Retried(record, resolved=False, error=str(error))
            else:
                yield Retried(record, resolved)


async def _chosen(store: SQLiteStore, named: Sequence[str]) -> Sequence[str]:
    for session_id in named:
        if not (await store.cursors(session_id)).epoch:
            raise StoreError("inspect", f"the store has no session {session_id!r}")
    return named or [session_id async for session_id in session_ids(store)]


async def _open_records(store: SQLiteStore, session_id: str) -> list[ErrorRecord]:
    found: list[ErrorRecord] = []
    while page := await store.errors(session_id, after=found[-1] if found else None):
        found += page
    return found
