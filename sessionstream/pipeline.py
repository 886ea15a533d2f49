"""One session's work: each event is projected and drafted, in the order of acceptance.

For each event:

1. It gets the next ordinal.
2. The UI projections, then the timeline projections, see the timeline as it
   stood before the event, uncommitted events included.
3. What they return is checked and added to the lane's open draft.

Then the committer stores the drafts of all lanes. Only when that is durable
does anybody see them: the lane's state moves, the fan-outs get the UI events,
the publishers return.

Nothing of this suspends while the session is in memory and its projections are
in step with its log. Where the session has to be read, or a projection has to
catch up, a worker task of the lane does it; what comes meanwhile waits in line.
"""

from __future__ import annotations

from collections import deque

from sessionstream.commits import Commits, Deliver, put_back, told
from sessionstream.committer import Committer
from sessionstream.drafting import Drafter, Prompt
from sessionstream.drafts import Draft
from sessionstream.follower import Follower
from sessionstream.hydration.base import HydrationStore
from sessionstream.lanes import Lane, Lanes
from sessionstream.observer import Observers
from sessionstream.sessions import Sessions
from sessionstream.states import States
from sessionstream.tasks import ENDS_THE_PROCESS, BackgroundTasks, is_cancelled
from sessionstream.trailing import Trailing, WriteBehind
from sessionstream.work import (
    Draftable,
    Exclusive,
    Note,
    Publication,
    Repair,
    Work,
    answer,
    fail,
    still_wanted,
)

# A worker drafts at most this much at once: others wait for its commit.
MAX_BATCH = 256
# What a worker does: it waits for the store.
_SLOW = (Repair, Exclusive)


class Pipeline:
    """Does the work of lanes; all of a session's state is in its `Lane`."""

    def __init__(
        self,
        store: HydrationStore,
        follower: Follower,
        sessions: Sessions,
        tasks: BackgroundTasks,
        observers: Observers,
        *,
        deliver: Deliver,
        lanes: Lanes,
        write_behind: WriteBehind,
    ) -> None:
        self.states = States(store, follower, lanes)
        self._store = store
        self._drafter = Drafter(follower, observers)
        self._sessions = sessions
        self._tasks = tasks
        self._lanes = lanes
        self._trailing = Trailing(write_behind, self._write_entities, lanes.tidy)
        commits = Commits(
            observers,
            write_behind.events,
            deliver=deliver,
            committed=self._committed,
            resume=self.resume,
        )
        self._committer = Committer(store, tasks, commits)

    def accept(self, lane: Lane, work: Work) -> None:
        """Takes the work; the order of calls is the order of ordinals."""
        if lane.notes and not isinstance(work, Note):
            lane.pending.extend(lane.notes)
            lane.notes.clear()
        lane.pending.append(work)
        self.resume(lane)

    def is_ready(self, lane: Lane, *, held_back: bool = False) -> bool:
        """Whether the lane drafts at once what it is given; ``held_back``: past a projection."""
        draft = None if lane.working or lane.pending else self._drafter.open(lane)
        return draft is not None and (held_back or draft.in_step)

    def resume(self, lane: Lane) -> None:
        """Drafts what is pending, as far as it needs no waiting; a worker does the rest."""
        if lane.working or not lane.pending:
            return
        self._draft_pending(lane)
        if lane.pending:
            lane.working = True
            self._tasks.start(self._work(lane), f"lane of {lane.session_id}")

    def abandon(self, lane: Lane) -> None:
        """Takes note that a caller has left; what nobody waits for is forgotten in time."""
        lane.abandoned += 1
        if lane.abandoned * 2 >= len(lane.pending):
            lane.abandoned = 0
            wanted = [work for work in lane.pending if still_wanted(work)]
            lane.pending.clear()
            lane.pending.extend(wanted)

    def put_back(self, lane: Lane) -> None:
        """Throws away what is drafted and not yet sealed, and drafts it anew."""
        put_back(lane)
        self.resume(lane)

    def write_trailing(self) -> None:
        """Stores all entities that are not yet, with the next commit."""
        self._trailing.write_all()

    def close(self) -> None:
        """Ends what runs by the clock."""
        self._trailing.close()

    def _write_entities(self, lane: Lane) -> None:
        draft = None if lane.working else self._drafter.open(lane)
        if draft is not None:
            draft.write_entities = True
            lane.open = draft
            self._committer.add(lane)

    def _committed(self, lane: Lane) -> None:
        if lane.state is not None and lane.state.trails:
            self._trailing.watch(lane)
        else:  # entities are weighed when they are written
            self._lanes.weigh(lane)

    # -- without waiting -------------------------------------------------------

    def _draft_pending(self, lane: Lane) -> None:
        pending = lane.pending
        while pending and not isinstance(work := pending[0], _SLOW):
            draft = self._drafter.open(lane)
            if draft is None or not (draft.in_step or _is_linked(work)):
                break
            pending.popleft()
            if still_wanted(work):
                lane.open = draft
                self._draft(lane, draft, work)
        if lane.open is not None:
            self._committer.add(lane)

    def _draft(self, lane: Lane, draft: Draft, work: Prompt) -> None:
        try:
            draft.answers.append((work, self._drafter.outcome(draft, work)))
        except BaseException as error:
            # Not what a projection raised in the ordinary way, which is an outcome. Nothing of
            # this work is drafted; whoever waits for it is told, also of an interruption.
            put_back(lane)
            fail((work,), told(error))
            if isinstance(work, Publication) and work.together is not None:
                work.together.withdraw()

    # -- with waiting ----------------------------------------------------------

    async def _work(self, lane: Lane) -> None:
        try:
            while lane.pending:
                await self._draft_slowly(lane)
                self._draft_pending(lane)
        except BaseException as error:  # cancelled at shutdown, or a bug: nobody waits for ever
            fail(lane.pending, told(error))
            lane.pending.clear()
            raise
        finally:
            lane.working = False

    async def _draft_slowly(self, lane: Lane) -> None:
        """Reads the session; lets projections catch up, with a batch of the work that waits."""
        await lane.quiet()
        if lane.pending and isinstance(first := lane.pending[0], Exclusive):
            lane.pending.popleft()
            await self._run_alone(lane, first)
            return
        batch: list[Draftable] = []
        try:
            await self._sessions.open(lane)
            await self.states.of(lane)
            draft = self._drafter.open(lane)
            if draft is None:  # still in doubt: the store must answer first
                await self._store.cursors(lane.session_id)
                return
            if not lane.pending or (draft.in_step and not isinstance(lane.pending[0], Repair)):
                return
            batch.extend(_taken(lane.pending))
            if await self._draft_all(draft, batch):
                lane.open = draft
                self._committer.add(lane)
            else:
                lane.pending.extendleft(reversed(batch))
        except Exception as error:  # the store's, or the metadata factory's
            fail(batch or _taken(lane.pending), told(error))
        except BaseException as error:  # cancelled at shutdown: nobody waits for ever
            fail(batch, told(error))
            raise

    async def _draft_all(self, draft: Draft, batch: list[Draftable]) -> bool:
        """Whether all is drafted; if not, what was at fault has been told and taken out."""
        for work in batch:
            if not still_wanted(work):
                continue
            try:
                draft.answers.append((work, await self._drafter.outcome_of_any(draft, work)))
            except BaseException as error:
                if isinstance(error, (Exception, *ENDS_THE_PROCESS)) or is_cancelled(error):
                    raise
                # A projection has raised what no projection should: as in `_draft`.
                fail((work,), told(error))
                batch.remove(work)
                return False
        return True

    async def _run_alone(self, lane: Lane, work: Exclusive) -> None:
        if not still_wanted(work):
            return
        try:
            async with lane.loading:  # nobody reads half of it
                await work.action()
                if work.reload:
                    lane.forget()
        except BaseException as error:  # whatever it was, half of it may be stored
            lane.in_doubt = lane.state is not None
            fail((work,), told(error))
            if not isinstance(error, Exception):
                raise
        self._lanes.weigh(lane)
        answer(work, None)


def _is_linked(work: Prompt) -> bool:
    # It must be in the transaction of the others, and its projections have just been tried.
    return isinstance(work, Publication) and work.together is not None


def _taken(pending: deque[Work]) -> list[Draftable]:
    taken: list[Draftable] = []
    while pending and len(taken) < MAX_BATCH and not isinstance(first := pending[0], Exclusive):
        taken.append(first)
        pending.popleft()
    return taken
