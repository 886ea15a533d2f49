"""Reading a session: its timeline now, or as it stood after an earlier event."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sessionstream.errors import (
    OrdinalError,
    ProjectionError,
    SessionStreamError,
    StoreCorruptError,
    StoreError,
)
from sessionstream.folding import start_of_log
from sessionstream.follower import Follower
from sessionstream.lanes import Lane, LaneState
from sessionstream.observer import unreadable_record
from sessionstream.pipeline import Pipeline
from sessionstream.sessions import Sessions
from sessionstream.timeline import Timeline
from sessionstream.types import Snapshot, UnreadableEvent
from sessionstream.work import Note, Repair

logger = logging.getLogger("sessionstream.hub")


class Reader:
    """Answers reads from the committed state of lanes."""

    def __init__(self, pipeline: Pipeline, follower: Follower, sessions: Sessions) -> None:
        self._pipeline = pipeline
        self._follower = follower
        self._sessions = sessions

    async def state(self, lane: Lane) -> LaneState:
        """Returns the state after one attempt to bring a timeline that is behind up to date.

        It is behind after a crash, by the events whose entities were not yet
        stored, or because a projection fails, or because what is stored of it
        can't be read as a whole any more.
        """
        state = await self._pipeline.state(lane)
        if (state.held_back and self._follower.has_timeline) or state.outdated:
            async with lane.catching_up:  # whoever reads meanwhile waits for it too
                if not lane.caught_up:
                    await self._catch_up(lane)
            state = await self._pipeline.state(lane)
        return state

    async def _catch_up(self, lane: Lane) -> None:
        try:
            await self.repair(lane)
        except StoreCorruptError:
            raise
        except (ProjectionError, StoreError) as error:  # readers get what there is
            logger.warning("%s", error, extra={"session_id": lane.session_id})
        lane.caught_up = True

    async def repair(self, lane: Lane) -> int:
        """Brings the timeline to the head of the log; returns its cursor."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pipeline.accept(lane, Repair(done))
        return await done

    async def snapshot(self, lane: Lane, as_of: int | None) -> Snapshot:
        """Returns the timeline, or what it was after the event ``as_of``."""
        timeline = None if as_of is None else await self._past(lane, as_of)
        if timeline is None:
            timeline = (await self.state(lane)).timeline
        return Snapshot(
            session_id=lane.session_id,
            snapshot_ordinal=timeline.ordinal,
            entities=timeline.copies(),
        )

    async def _past(self, lane: Lane, as_of: int) -> Timeline:
        while True:
            start = await start_of_log(lane, self._follower, self._sessions)
            state = await self.state(lane)
            try:
                if not start.base.ordinal <= as_of <= state.head:
                    raise OrdinalError(lane.session_id, as_of, state.head, start.base.ordinal)
                unreadable = partial(self._record, lane)
                timeline = await self._follower.timeline_at(
                    start.session, start.base, as_of, unreadable
                )
            except SessionStreamError:
                if not start.is_stale:
                    raise
            else:
                if not start.is_stale:
                    return timeline

    def _record(self, lane: Lane, event: UnreadableEvent) -> None:
        """Records an event that a replay left out; once, however often it is replayed."""
        if event.ordinal not in lane.unreadable:
            lane.unreadable.add(event.ordinal)
            self._pipeline.accept(lane, Note(unreadable_record(event)))
