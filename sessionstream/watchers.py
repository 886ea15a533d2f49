"""Watching the sessions of a Hub in its own process, with what a remote client is given.

A watcher keeps a few batches that were delivered and are not read yet. One that
reads too slowly loses them, and reads what it missed from the stored UI events;
where these do not reach back, it begins again with the timeline.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final, Protocol

from sessionstream.errors import HubClosedError, SessionStreamError
from sessionstream.payloads import with_own_payload
from sessionstream.transport.source import History, Opened, UIFeed
from sessionstream.types import UIBatch, check_session_id
from sessionstream.watching import (
    AnyUpdate,
    AnyWatch,
    ResumePoint,
    SnapshotUpdate,
    UIUpdate,
    check_since,
)

# Batches that wait for a watcher before they are dropped, and read at once when it caught up.
_MAX_WAITING: Final = 256


class Watchable(Protocol):
    """What watchers need of a Hub."""

    def add_feed(self, feed: UIFeed) -> None:
        """Hands every later UI event to the feed."""

    def remove_feed(self, feed: UIFeed) -> None:
        """Ends that."""

    async def opened(self, session_id: str) -> Opened:
        """Returns the session's timeline and position."""

    async def history(self, session_id: str, after: int, limit: int = 256) -> History:
        """Returns stored UI events after an ordinal."""


class Watchers:
    """Those who watch a Hub's sessions; a `UIFeed` while there are any."""

    def __init__(self, source: Watchable) -> None:
        self._source = source
        self._by_session: dict[str, set[Watcher]] = {}
        self._is_closed = False

    def watch(self, session_id: str, since: ResumePoint | None) -> AnyWatch:
        """Gives the session's timeline, or what follows ``since``, and what comes later."""
        check_since(since)
        return self._watching(check_session_id(session_id), since)

    @asynccontextmanager
    async def _watching(
        self, session_id: str, since: ResumePoint | None
    ) -> AsyncIterator[AsyncIterator[AnyUpdate]]:
        if self._is_closed:
            raise HubClosedError("watch")
        if not self._by_session:
            self._source.add_feed(self)
        watcher = Watcher(self._source, session_id, since)
        self._by_session.setdefault(session_id, set()).add(watcher)
        try:
            yield watcher
        finally:
            self._remove(session_id, watcher)
            watcher.leave()

    def _remove(self, session_id: str, watcher: Watcher) -> None:
        watchers = self._by_session[session_id]
        watchers.remove(watcher)
        if not watchers:
            del self._by_session[session_id]
        if not self._by_session:
            self._source.remove_feed(self)

    def deliver(self, batch: UIBatch) -> None:
        """Takes the UI events of one event, as a `UIFeed`."""
        for watcher in self._by_session.get(batch.session_id, ()):
            watcher.offer(batch)

    def reset(self, session_id: str) -> None:
        """Takes note that the session was begun anew, as a `UIFeed`."""
        for watcher in self._by_session.get(session_id, ()):
            watcher.reset()

    def close(self) -> None:
        """Ends every watch with `HubClosedError`, once what waits was read."""
        self._is_closed = True
        for watchers in self._by_session.values():
            for watcher in watchers:
                watcher.end(HubClosedError("watch", "ended"))


class Watcher(AsyncIterator[AnyUpdate]):
    """The updates of one session, for one task at a time. Cancelling a wait loses nothing."""

    def __init__(self, source: Watchable, session_id: str, since: ResumePoint | None) -> None:
        self._source = source
        self._session_id = session_id
        self._position = since
        self._resets = 0
        self._has_shown = since is not None
        self._error: SessionStreamError | None = None
        self._is_left = False
        self._has_some = asyncio.Event()
        # What was delivered, and whether something is missing before it.
        self._delivered: deque[UIBatch] = deque()
        self._is_behind = since is not None
        # What was read to catch up.
        self._read: deque[UIBatch] = deque()
        self._is_at_snapshot = False  # nothing was shown since
        # Where a snapshot is followed by a gap, and up to where that goes.
        self._gap: tuple[ResumePoint, int] | None = None

    def offer(self, batch: UIBatch) -> None:
        """Takes a batch; does not wait."""
        if len(self._delivered) >= _MAX_WAITING:
            if not batch.ordinal:
                return
            self._delivered.clear()
            self._is_behind = True
        self._delivered.append(batch)
        self._has_some.set()

    def reset(self) -> None:
        """Takes note that the timeline has to be read again."""
        self._position = self._gap = None
        self._resets += 1
        self._delivered.clear()
        self._read.clear()
        self._has_some.set()

    def end(self, error: SessionStreamError) -> None:
        """Ends the watch when nothing waits any more."""
        self._error = error
        self._has_some.set()

    def leave(self) -> None:
        """Ends the watch at once: who still iterates comes to the end of it."""
        self._is_left = True
        self._has_some.set()

    async def __anext__(self) -> AnyUpdate:
        while True:
            if self._is_left:
                raise StopAsyncIteration
            self._has_some.clear()
            position = self._position
            if position is None:
                update = await self._load()
            elif self._read:
                update = self._update(position, self._read.popleft())
            elif self._is_behind:
                await self._catch_up(position)
                continue
            elif self._delivered:
                update = self._update(position, self._delivered.popleft())
            elif self._error is not None:
                # Raised again and again, it would keep a traceback of each time.
                raise self._error.with_traceback(None)
            else:
                await self._has_some.wait()
                continue
            if update is not None:
                return update

    async def _load(self) -> AnyUpdate | None:
        while True:
            resets = self._resets
            opened = await self._source.opened(self._session_id)
            if resets == self._resets:  # else the session was begun anew while it was read
                break
        snapshot, shown = opened.snapshot, opened.position.shown
        at = ResumePoint(opened.position.epoch, snapshot.snapshot_ordinal)
        gap, self._gap = self._gap, None
        if gap is not None and gap[0].epoch == at.epoch and gap[0].ordinal >= at.ordinal:
            self._position = ResumePoint(at.epoch, gap[1])  # nothing can fill it
            follows = any(each.previous_ordinal <= gap[1] for each in self._next_delivered())
            self._is_behind = shown > gap[1] and not follows
            return None
        self._position = at
        # UI events may have come while the timeline was held back.
        self._is_behind = shown > at.ordinal
        self._is_at_snapshot = True
        update: AnyUpdate = SnapshotUpdate(
            session_id=self._session_id,
            position=at,
            entities=snapshot.entities,
            replaces_what_was_shown=self._has_shown,
        )
        self._has_shown = True
        return update

    async def _catch_up(self, position: ResumePoint) -> None:
        history = await self._source.history(self._session_id, position.ordinal)
        if self._position is not position:
            return  # the session was begun anew meanwhile
        now = history.position
        is_other = now.epoch != position.epoch or now.head < position.ordinal
        if is_other or not history.reaches_back:
            # A newer snapshot may be what follows; where there is none, nothing is.
            if self._is_at_snapshot and not is_other:
                self._gap = position, self._end_of_gap(history)
            self._position = None
        elif history.batches:
            self._read.extend(history.batches)
        else:
            self._is_behind = False

    def _end_of_gap(self, history: History) -> int:
        nearest = [*history.batches[:1], *self._next_delivered()]
        ends = (each.previous_ordinal for each in nearest if each.epoch == history.position.epoch)
        return history.unreadable or min(ends, default=history.position.shown)

    def _next_delivered(self) -> list[UIBatch]:
        return list(islice((each for each in self._delivered if each.ordinal), 1))

    def _update(self, position: ResumePoint, batch: UIBatch) -> AnyUpdate | None:
        if batch.epoch != position.epoch:
            self._position = None
            return None
        if 0 < batch.ordinal <= position.ordinal:
            return None
        if batch.previous_ordinal > position.ordinal and batch.ordinal:
            self._delivered.appendleft(batch)
            self._is_behind = True
            return None
        if batch.ordinal:
            self._position = position = ResumePoint(position.epoch, batch.ordinal)
            self._is_at_snapshot = False
        return UIUpdate(
            session_id=self._session_id,
            position=position,
            ordinal=batch.ordinal,
            events=tuple(with_own_payload(event) for event in batch.events),
        )
