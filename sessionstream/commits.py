"""From a lane's draft to a commit, and from there to all who wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from google.protobuf.message import Message

from sessionstream.drafts import Draft
from sessionstream.errors import HubClosedError, SessionStreamError
from sessionstream.event_records import records_of
from sessionstream.hydration.base import SessionCommit
from sessionstream.lanes import Lane, LaneState
from sessionstream.observer import Observers
from sessionstream.types import TimelineEntity, UIBatch
from sessionstream.work import Note, Publication, WithdrawnError, answer, fail

Deliver = Callable[[str, Sequence[UIBatch]], None]


class Commits:
    """Seals drafts for the committer and settles them when their transaction has ended.

    The log is the truth: a commit always carries the events, and the entities
    only now and then. So an entity that grows with every event is not written
    with every event.
    """

    def __init__(
        self,
        observers: Observers,
        trailing_events: int,
        *,
        deliver: Deliver,
        committed: Callable[[Lane], None],
        resume: Callable[[Lane], None],
    ) -> None:
        self._observers = observers
        self._trailing_events = trailing_events
        self._deliver = deliver
        self._committed = committed
        self._resume = resume

    def seal(self, lane: Lane) -> SessionCommit | None:
        """Closes the lane's draft and returns what is to be stored of it, if anything."""
        draft, state = lane.open, lane.state
        assert draft is not None
        assert state is not None
        lane.open, lane.sealed = None, draft
        if self._observers:
            draft.sealed_at = time.monotonic()
        ordinal = draft.timeline.ordinal
        if (
            ordinal - state.written > self._trailing_events
            or not (state.unwritten or draft.timeline.changes)
            or draft.replace_timeline
        ):
            draft.write_entities = True
        moves = draft.write_entities and ordinal != state.written
        moves = moves or draft.ui_cursor != state.ui_cursor
        draft.stored = moves or bool(
            draft.events or draft.errors or draft.commands or draft.replace_timeline
        )
        if not draft.stored:
            return None
        projections = _made_with(state, draft)
        return SessionCommit(
            session_id=lane.session_id,
            events=draft.events,
            entities=_entities(state, draft) if draft.write_entities else (),
            errors=draft.errors,
            passed=(*state.passed, *draft.passed),
            ui_cursor=draft.ui_cursor,
            timeline_cursor=ordinal if draft.write_entities else state.written,
            replace_timeline=draft.replace_timeline,
            projections=None if projections == state.stored_projections else projections,
            ui_batches=[each.batch for each in draft.outputs if each.event.ordinal],
            commands=draft.commands,
            epoch=draft.epoch,
        )

    def settle(self, lane: Lane, error: BaseException | None) -> None:
        """Takes the sealed draft into the lane's state, or drops it."""
        draft, lane.sealed = lane.sealed, None
        assert draft is not None
        assert lane.state is not None
        if error is None:
            self._take(lane, lane.state, draft)
        else:
            self._drop(lane, draft, error)
        lane.settled()
        self._resume(lane)

    def _take(self, lane: Lane, state: LaneState, draft: Draft) -> None:
        """Makes the committed draft visible; does not suspend, so nobody sees half of it."""
        committed_at = time.monotonic() if self._observers else 0.0
        if draft.write_entities:
            written, state.unwritten = state.unwritten, {}
            state.written = draft.timeline.ordinal
        else:
            written = None
            state.unwritten.update(draft.timeline.changes)
        state.timeline = draft.timeline.merge()
        if written is not None:
            state.timeline.weigh(written | draft.timeline.changes)
        state.head, state.ui_cursor, state.shown = draft.head, draft.ui_cursor, draft.shown
        state.projections = _made_with(state, draft)
        if draft.stored:
            state.stored_projections = state.projections
        state.passed = [] if draft.stored else state.passed + draft.passed
        state.ui_timeline = None if draft.ui_timeline is None else draft.ui_timeline.merge()
        state.outdated = draft.outdated
        if lane.open is not None:
            lane.open.timeline.rebase(state.timeline)
        self._committed(lane)
        if draft.outputs:
            self._deliver(lane.session_id, [output.batch for output in draft.outputs])
        if self._observers:
            for record in records_of(draft, committed_at):
                self._observers.notify(record)
        for work, outcome in draft.answers:
            answer(work, outcome)

    def _drop(self, lane: Lane, draft: Draft, error: BaseException) -> None:
        """Fails exactly what was in the draft; what was drafted on it is drafted again."""
        lane.in_doubt = True
        put_back(lane)
        lane.notes += [work for work, _ in draft.answers if isinstance(work, Note)]
        fail((work for work, _ in draft.answers), told(error))


def put_back(lane: Lane) -> None:
    """Throws the lane's open draft away; what was asked for waits again, in order.

    What is linked to the drafts of other lanes is taken back from all of them.
    """
    if lane.open is None:
        return
    answers, lane.open = lane.open.answers, None
    linked: list[Publication] = []
    for work, _ in reversed(answers):
        if isinstance(work, Publication) and work.together is not None:
            linked.append(work)
        else:
            lane.pending.appendleft(work)
    lane.settled()  # no commit will tell
    fail(linked, WithdrawnError())
    for work in linked:
        assert work.together is not None
        work.together.withdraw()


def told(error: BaseException) -> BaseException:
    """What those who wait are told about an error that ended their work."""
    if not isinstance(error, asyncio.CancelledError):
        return error
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        return HubClosedError("publish")
    # Raised by what the work called: a projection, the metadata factory, the store.
    return SessionStreamError("the work was cancelled from within; nothing of it is stored")


def _made_with(state: LaneState, draft: Draft) -> tuple[str, ...]:
    return state.projections if draft.projections is None else draft.projections


def _entities(state: LaneState, draft: Draft) -> tuple[TimelineEntity[Message], ...]:
    if draft.replace_timeline:  # with what it was folded onto
        return tuple(draft.timeline.walk())
    if not state.unwritten and not draft.timeline.changes:  # an application without a timeline
        return ()
    return tuple((state.unwritten | draft.timeline.changes).values())
