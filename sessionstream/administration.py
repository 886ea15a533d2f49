"""What operators do to sessions: closing, retention, deletion, compaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sessionstream.arguments import check_whole
from sessionstream.errors import (
    ProjectionError,
    SessionStreamError,
    StoreCorruptError,
)
from sessionstream.folding import start_of_log
from sessionstream.follower import Follower
from sessionstream.hydration.base import HydrationStore, check_limits
from sessionstream.lanes import Lane, UseLane
from sessionstream.observer import ErrorRecord, unreadable_record
from sessionstream.pipeline import Pipeline
from sessionstream.reader import Reader
from sessionstream.sessions import Sessions
from sessionstream.states import all_that_made
from sessionstream.tasks import TaskSupervisor
from sessionstream.types import UnreadableEvent
from sessionstream.work import Exclusive, Publication, Recording

# How long the tasks of a session that is deleted have to end, in seconds.
TASK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Administration:
    """Acts on stored sessions in their lanes, between what is published to them."""

    store: HydrationStore
    pipeline: Pipeline
    reader: Reader
    follower: Follower
    sessions: Sessions
    supervisor: TaskSupervisor
    # Whether a command of a session is running.
    busy: Callable[[str], bool]
    lane: UseLane
    # Tells those who show a session that what it was is void; does not suspend.
    gone: Callable[[str], None]

    # -- the end of sessions ---------------------------------------------------

    async def close_session(self, session_id: str) -> None:
        """Marks a session as closed, for `purge`; its next event opens it again.

        It is closed after what was published before. It refuses nothing: it
        can be read, and a command is run as in any session. An ephemeral event
        or one that a projection catches up on does not open it. Its tasks go
        on; a session that is closed once more, or unknown, stays as it is.
        `HydrationStore.closed_sessions` lists those that are closed.

        The time is that of this process's clock; see
        `HydrationStore.close_session` for a clock that goes back.
        """
        with self.lane(session_id) as lane:
            await self._alone(lane, lambda: self.store.close_session(session_id, time.time()))

    async def delete_session(self, session_id: str) -> None:
        """Removes a session with all it has, in memory and in the store.

        Its tasks are cancelled and have ten seconds to end. What was published
        before is committed, then deleted; what is published later begins a new
        epoch at ordinal 1, with new metadata. A command that is running goes
        on. Cancelling the call while it waits deletes nothing.
        """
        await self.supervisor.end_session(session_id, TASK_SECONDS)

        async def delete() -> None:
            lane.removals += 1
            self.pipeline.states.begin_new_epochs()
            await self.store.delete_session(session_id)
            self.gone(session_id)

        with self.lane(session_id) as lane:
            await self._alone(lane, delete, reload=True)

    async def purge(self, closed_before: float | None, keep: int | None) -> list[str]:
        """Deletes closed sessions by age or by number; returns their ids.

        Those that were closed before a time, in seconds since the Unix epoch,
        and those beyond the ``keep`` closed last. One that is opened meanwhile
        stays, and so does one in use: in which a command or a task is running,
        or whose next event has been accepted. No clock is read; with ``keep``
        alone none matters.

        Raises:
            StoreError: No limit is given.
        """
        check_limits(closed_before, keep)
        purged: list[str] = []

        for session_id in await self.store.closed_sessions(closed_before, keep):
            with self.lane(session_id) as lane:
                await self._alone(lane, partial(self._purge, lane, purged))
        return purged

    async def _purge(self, lane: Lane, purged: list[str]) -> None:
        session_id = lane.session_id
        if self._in_use(lane):
            return
        lane.removals += 1
        self.pipeline.states.begin_new_epochs()
        if await self.store.delete_session(session_id, if_closed=True):
            lane.forget()
            self.gone(session_id)
            purged.append(session_id)

    def _in_use(self, lane: Lane) -> bool:
        return (
            self.busy(lane.session_id)
            or self.supervisor.busy(lane.session_id)
            or any(isinstance(work, (Publication, Recording)) for work in lane.pending)
        )

    # -- the log ---------------------------------------------------------------

    async def compact(self, session_id: str, keep: int) -> int:
        """Removes all but the last ``keep`` events; returns the ordinal before them.

        The timeline as it stood there is kept, so that later ones can be
        folded from it: snapshots as of an ordinal from there on, and rebuilds.
        What was removed is gone: projections that change, or are added, never
        see it again. Events that a projection has not passed stay.

        Raises:
            ProjectionError: A timeline projection fails on an event that would
                go; nothing is removed.
            StoreCorruptError: Such an event, or an entity that an earlier
                compaction kept, can't be read; nothing is removed.
            SessionStreamError: ``keep`` is negative, or a projection that made
                the timeline is not registered; nothing is removed.
        """
        check_whole("keep", keep)
        if keep < 0:
            raise SessionStreamError(f"compact keeps 0 or more events; got {keep}")
        with self.lane(session_id) as lane:
            async with lane.folding:
                compacted: int | None = None
                while compacted is None:
                    compacted = await self._compact(lane, keep)
                return compacted

    async def _compact(self, lane: Lane, keep: int) -> int | None:
        """Returns where the log begins now; None where something else removed events."""
        session_id = lane.session_id
        begin = await start_of_log(lane, self.follower, self.sessions)
        with suppress(ProjectionError):  # what a projection has not passed stays
            await self.reader.repair(lane)
        cursors = await self.store.cursors(session_id)
        start = min(cursors.event - keep, cursors.ui, cursors.timeline)
        if start <= cursors.log_start:
            return cursors.log_start
        for record in begin.base.errors:
            raise _lost(record)
        self._refuse_to_forget(session_id, cursors.projections or ())
        try:
            base, replayer = begin.base.timeline, self.follower.replayer
            replayed = await replayer.timeline_at(begin.session, base, start, _refuse)
            entities = replayed.copies()
        except SessionStreamError:
            if begin.is_stale:
                return None
            raise
        compacted: list[int] = []

        async def remove() -> None:
            if not begin.is_stale:
                lane.removals += 1
                await self.store.compact(session_id, start, entities)
                compacted.append(start)

        await self._alone(lane, remove)
        return compacted[0] if compacted else None

    def _refuse_to_forget(self, session_id: str, made_with: Sequence[str]) -> None:
        """What no projection folds any more would be lost with the events."""
        missing = sorted(all_that_made(made_with) - set(self.follower.timeline_names))
        if missing:
            raise SessionStreamError(
                f"compact would lose what these projections made of session {session_id!r}: "
                f"{', '.join(missing)}; register them, or rebuild the timeline without them first"
            )

    async def _alone(
        self, lane: Lane, action: Callable[[], Awaitable[object]], *, reload: bool = False
    ) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pipeline.accept(lane, Exclusive(action, done, reload))
        await done


def _refuse(event: UnreadableEvent) -> None:
    raise _lost(unreadable_record(event))


def _lost(record: ErrorRecord) -> StoreCorruptError:
    at = f"event {record.ordinal} ({record.name}) of session {record.session_id!r}"
    return StoreCorruptError("store", f"{at} can't be read, and would be lost: {record.message}")
