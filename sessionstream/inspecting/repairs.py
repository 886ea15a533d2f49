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
from sessionstream.states import all_that_made
from sessionstream.types import UnreadableEvent

Progress = Callable[[str, int, int], None]
"""Called with a session, and how far of how much of its log is folded."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A session's timeline was folded anew up to ``timeline``, or was left as it is by an error.

    ``timeline`` is None where that can't be read.
    """

    session_id: str
    timeline: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of an error record: resolved, still open, or what failed now."""

    record: ErrorRecord
    resolved: bool
    error: str = ""


async def rebuilt(
    hub: Hub,
    store: SQLiteStore,
    sessions: Sequence[str],
    progress: Progress,
    *,
    force: bool = False,
) -> AsyncIterator[Rebuilt]:
    """Rebuilds the timelines of these sessions, or of all where none is named.

    A timeline that would lose what the application does not know, an event or
    one of the projections that made it, is left as it is unless ``force`` is set.
    """
    for session_id in await _chosen(store, sessions):
        try:
            if not force:
                await _refuse_to_lose(hub, store, session_id)
            at = await hub.rebuild_timeline(session_id, progress=partial(progress, session_id))
        except SessionStreamError as error:
            yield Rebuilt(session_id, await _timeline_cursor(store, session_id), str(error))
        else:
            yield Rebuilt(session_id, at)


async def retried(hub: Hub, store: SQLiteStore, sessions: Sequence[str]) -> AsyncIterator[Retried]:
    """Runs what failed in these sessions, or in all, again; the oldest first."""
    for session_id in await _chosen(store, sessions):
        for record in reversed(await _open_records(store, session_id)):
            try:
                resolved = await hub.retry(record)
            except SessionStreamError as error:
                yield Retried(record, resolved=False, error=str(error))
            else:
                yield Retried(record, resolved)


async def _timeline_cursor(store: SQLiteStore, session_id: str) -> int | None:
    try:
        return (await store.cursors(session_id)).timeline
    except StoreError:
        return None


async def _refuse_to_lose(hub: Hub, store: SQLiteStore, session_id: str) -> None:
    cursors = await store.cursors(session_id)
    gone = sorted(all_that_made(cursors.projections or ()) - set(hub.timeline_projections))
    if gone:
        raise SessionStreamError(
            f"the application does not install what made it: {', '.join(gone)};"
            " --force rebuilds without"
        )
    after = cursors.log_start
    while page := await store.events(session_id, after):
        for event in page:
            if isinstance(event, UnreadableEvent):
                raise SessionStreamError(
                    f"event {event.ordinal} can't be read: {event.reason};"
                    " --force rebuilds without those"
                )
        after = page[-1].ordinal


async def _chosen(store: SQLiteStore, named: Sequence[str]) -> Sequence[str]:
    return named or [session_id async for session_id in session_ids(store)]


async def _open_records(store: SQLiteStore, session_id: str) -> list[ErrorRecord]:
    found: list[ErrorRecord] = []
    while page := await store.errors(session_id, after=found[-1] if found else None):
        found += page
    return found
