"""What a Hub tells of its sessions."""

from __future__ import annotations

from sessionstream.hub_base import HubBase
from sessionstream.hydration.base import HydrationStore
from sessionstream.pipeline import Pipeline
from sessionstream.positions import Positions
from sessionstream.projection import Projector
from sessionstream.reader import Reader
from sessionstream.transport.source import History, Opened
from sessionstream.types import Position, Session, Snapshot
from sessionstream.watchers import Watchers
from sessionstream.watching import AnyWatch, ResumePoint


class HubReading(HubBase):
    """The part of `Hub` that reads."""

    _store: HydrationStore
    _pipeline: Pipeline
    _reader: Reader
    _positions: Positions
    _watchers: Watchers

    @property
    def store(self) -> HydrationStore:
        """The store, to be read; what is written to it past the Hub, the Hub does not know of."""
        return self._store

    async def snapshot(self, session_id: str, as_of: int | None = None) -> Snapshot:
        """Returns the session's timeline; a session without events has an empty one at 0.

        With ``as_of`` it is the timeline as it stood after that event,
        replayed from the log.

        Raises:
            SessionIdError: The session id is unusable.
            OrdinalError: ``as_of`` is negative or beyond the log's head.
            ProjectionError: The replay met an event on which a projection fails.
            StoreError: The store can't be read.
        """
        with self._lane(session_id) as lane:
            return await self._reader.snapshot(lane, as_of)

    async def session(self, session_id: str) -> Session:
        """Returns the session with its metadata and tasks."""
        with self._working_lane(session_id) as lane:
            return await self._sessions.open(lane)

    async def event_cursor(self, session_id: str) -> int:
        """Returns the ordinal of the session's last event; 0 before the first."""
        with self._lane(session_id) as lane:
            return (await self._pipeline.states.of(lane)).head

    async def cursor(self, session_id: str) -> int:
        """Returns the ordinal at which a snapshot would be now."""
        with self._lane(session_id) as lane:
            return (await self._reader.state(lane)).timeline.ordinal

    async def projection_cursor(self, projector: Projector | str, session_id: str) -> int:
        """Returns how far the ``"ui"`` or the ``"timeline"`` projection has come."""
        with self._lane(session_id) as lane:
            is_ui = Projector(projector) is Projector.UI
            state = await self._reader.state(lane)
            return state.ui_cursor if is_ui else state.timeline.ordinal

    def watch(self, session_id: str, *, since: ResumePoint | None = None) -> AnyWatch:
        """Gives the session's timeline, then every later UI event once and in order.

        With ``since`` it gives the UI events after that position, or the
        timeline where they are not kept any more. A watcher that is slow
        delays nobody: what it missed it is given from the stored UI events,
        or the timeline as it is then. Ephemeral ones it may miss.

        Iterating raises `HubClosedError` once the Hub is closed.
        """
        self._require_open("watch")
        return self._watchers.watch(session_id, since)

    # -- for clients that come back ----------------------------------------------

    async def opened(self, session_id: str) -> Opened:
        """Returns the session's timeline and its position at the same moment.

        Raises:
            SessionIdError: The session id is unusable.
            StoreError: The store can't be read.
        """
        with self._lane(session_id) as lane:
            return await self._positions.opened(lane)

    async def position(self, session_id: str) -> Position:
        """Returns how far the session has come; of a new one at 0, in an epoch of its own."""
        with self._lane(session_id) as lane:
            return await self._positions.position(lane)

    async def history(self, session_id: str, after: int, limit: int = 256) -> History:
        """Returns up to ``limit`` stored batches of UI events with an ordinal above ``after``.

        They go no further than the position that comes with them; a page may
        be shorter than its limit. One that can't be read with the types that
        are registered now ends the page before it: the next does not reach back.
        """
        with self._lane(session_id) as lane:
            return await self._positions.history(lane, after, limit)
