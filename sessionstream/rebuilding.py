"""Folds a session's log anew while the session goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sessionstream.drafts import Draft
from sessionstream.errors import ProjectionError, SessionStreamError
from sessionstream.folding import Start, start_of_log
from sessionstream.follower import Follower
from sessionstream.lanes import Lane
from sessionstream.pipeline import Pipeline
from sessionstream.sessions import Sessions
from sessionstream.timeline import TimelineDraft
from sessionstream.work import Note, Rebuilt, Repair

Progress = Callable[[int, int], None]
"""Called with the ordinals of the last event that was folded and of the log's head."""

# How many events are folded between two calls of `Progress`, and how few may be left for the
# session's lane, whose publishers wait for them.
STRIDE = 512
# A session that is published to faster than it is folded is finished by its lane after so many.
MOST_ROUNDS = 8


class Rebuilding:
    """Replaces timelines by the fold of their logs."""

    def __init__(
        self,
        pipeline: Pipeline,
        follower: Follower,
        sessions: Sessions,
        replaced: Callable[[str], None],
    ) -> None:
        self._replaced = replaced
        self._pipeline = pipeline
        self._follower = follower
        self._sessions = sessions

    async def rebuild(self, lane: Lane, progress: Progress | None) -> int:
        """Returns the cursor of the new timeline.

        Raises:
            ProjectionError: A projection fails under the policy ``fail``; the
                old timeline stays.
        """
        async with lane.folding:
            return await self._rebuild(lane, progress)

    async def _rebuild(self, lane: Lane, progress: Progress | None) -> int:
        rebuilt: Rebuilt | None = None
        while rebuilt is None:
            start = await start_of_log(lane, self._follower, self._sessions)
            try:
                rebuilt = await self._fold_most(start, progress)
            except SessionStreamError:
                if not start.is_stale:
                    raise
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pipeline.accept(lane, Repair(done, rebuilt))
        ordinal = await done
        self._replaced(lane.session_id)
        if progress is not None:
            progress(ordinal, ordinal)
        return ordinal

    async def _fold_most(self, start: Start, progress: Progress | None) -> Rebuilt:
        base = start.base
        draft = Draft(start.session, 0, TimelineDraft(base.timeline), 0)
        draft.errors, draft.passed = base.errors, base.passed
        for _ in range(MOST_ROUNDS):
            draft.base = (await self._pipeline.states.of(start.lane)).head
            if start.is_stale or draft.base - draft.timeline.ordinal <= STRIDE:
                break
            await self._fold(start, draft, progress)
        return Rebuilt(draft.timeline, draft.errors, draft.passed, lambda: start.is_stale)

    async def _fold(self, start: Start, draft: Draft, progress: Progress | None) -> None:
        """Folds what is stored by now, a stride at a time."""
        while draft.timeline.ordinal < draft.base:
            upto = min(draft.timeline.ordinal + STRIDE, draft.base)
            error: ProjectionError | None = await self._follower.follow_timeline(draft, upto)
            if error is not None:
                if not start.is_stale:
                    for record in draft.errors:
                        self._pipeline.accept(start.lane, Note(record))
                raise error
            if progress is not None:
                progress(draft.timeline.ordinal, draft.base)
