"""Reading a session: its timeline now, or as it stood after an earlier event."""

from __future__ import annotations

import asyncio
import logging

from sessionstream.arguments import check_whole
from sessionstream.errors import (
    OrdinalError,
    ProjectionError,
    SessionStreamError,
    StoreCorruptError,
    StoreError,
)
from sessionstream.folding import Start, start_of_log
from sessionstream.follower import Follower
from sessionstream.lanes import Lane, LaneState
from sessionstream.observer import ErrorRecord, unreadable_record
from sessionstream.pipeline import Pipeline
from sessionstream.sessions import Sessions
from sessionstream.timeline import Timeline
from sessionstream.types import Snapshot
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
        state = await self._pipeline.states.of(lane)
        if (state.held_back and self._follower.has_timeline) or state.outdated:
            if not lane.caught_up:
                self._sessions.refuse_its_own_factory(lane)
            async with lane.catching_up:  # whoever reads meanwhile waits for it too
                if not lane.caught_up:
                    await self._catch_up(lane)
            state = await self._pipeline.states.of(lane)
        return state

    async def _catch_up(self, lane: Lane) -> None:
        try:
            await self._repair(lane, stored=False)
        except StoreCorruptError:
            raise
        except (ProjectionError, StoreError) as error:  # readers get what there is
            logger.warning("%s", error, extra={"session_id": lane.session_id})
        lane.caught_up = True

    async def repair(self, lane: Lane) -> int:
        """Brings the timeline to the head of the log, and stores it; returns its cursor."""
        return await self._repair(lane, stored=True)

    async def _repair(self, lane: Lane, *, stored: bool) -> int:
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pipeline.accept(lane, Repair(done, stored=stored))
        return await done

    async def snapshot(self, lane: Lane, as_of: int | None) -> Snapshot:
        """Returns the timeline, or what it was after the event ``as_of``."""
        if as_of is not None:
            check_whole("as_of", as_of)
        timeline = None if as_of is None else await self._past(lane, as_of)
        if timeline is None:
            timeline = (await self.state(lane)).timeline
        return snapshot_of(lane.session_id, timeline)

    async def _past(self, lane: Lane, as_of: int) -> Timeline:
        while True:
            start = await start_of_log(lane, self._follower, self._sessions)
            state = await self.state(lane)
            try:
                timeline = await self._fold(start, as_of, state.head)
            except SessionStreamError:
                if not start.is_stale:
                    raise
            else:
                if not start.is_stale:
                    return timeline

    async def _fold(self, start: Start, as_of: int, head: int) -> Timeline:
        lane, base = start.lane, start.base
        if not base.timeline.ordinal <= as_of <= head:
            raise OrdinalError(lane.session_id, as_of, head, base.timeline.ordinal)
        for record in base.errors:
            self._record(lane, record)
        return await self._follower.replayer.timeline_at(
            start.session,
            base.timeline,
            as_of,
            lambda event: self._record(lane, unreadable_record(event)),
        )

    def _record(self, lane: Lane, record: ErrorRecord) -> None:
        """Records what a replay left out; once, however often it is replayed."""
        found = (record.ordinal, record.name)
        if found not in lane.unreadable:
            lane.unreadable.add(found)
            self._pipeline.accept(lane, Note(record))


def snapshot_of(session_id: str, timeline: Timeline) -> Snapshot:
    """Returns a copy of the timeline."""
    return Snapshot(
        session_id=session_id, snapshot_ordinal=timeline.ordinal, entities=timeline.copies()
    )
