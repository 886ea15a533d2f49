"""One batch of a session: project each event, commit them together, fan out.

For each event, in the order of acceptance:

1. It gets the next ordinal.
2. The UI projections, then the timeline projections, see the timeline as it
   stood before the event. A projection that was held back first catches up.
3. What they return is checked and added to a draft.

Then the draft (events, entity changes, error records, both cursors) is one
commit. Only when that is durable does anybody see it: the lane's state moves,
the fan-outs get the UI events, the publishers return.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Union

from google.protobuf.message import Message

from sessionstream.committer import Committer
from sessionstream.delivery import Batch
from sessionstream.errors import ProjectionError
from sessionstream.follower import Draft, Follower
from sessionstream.hydration.base import Cursors, HydrationStore, SessionCommit
from sessionstream.lanes import Lane, LaneState, Note, Publication, Repair, Work, fail
from sessionstream.observer import Observers, PipelineRecord, PipelineStage
from sessionstream.sessions import Sessions
from sessionstream.timeline import Timeline, TimelineDraft
from sessionstream.types import Event, UIEvent

Deliver = Callable[[str, Sequence[Batch]], None]
Outcome = Union[Event[Message], int, ProjectionError, None]
"""What a piece of work came to: the event, the timeline's cursor, or what held it back."""


class Pipeline:
    """Processes the work of lanes; all of a session's state is in its `Lane`."""

    def __init__(
        self,
        store: HydrationStore,
        committer: Committer,
        follower: Follower,
        observers: Observers,
        *,
        sessions: Sessions,
        deliver: Deliver,
    ) -> None:
        self._store = store
        self._committer = committer
        self._follower = follower
        self._observers = observers
        self._sessions = sessions
        self._deliver = deliver

    async def state(self, lane: Lane) -> LaneState:
        """Returns the committed state, read from the store if it is not in memory."""
        async with lane.loading:
            if lane.state is None:
                cursors = await self._store.cursors(lane.session_id)
                entities = await self._store.timeline(lane.session_id)
                lane.state = LaneState(cursors, Timeline(entities, cursors.timeline))
            return lane.state

    async def process(self, lane: Lane, work: list[Work]) -> None:
        """Does a batch of one lane's work. Errors go to whoever waits for the work."""
        try:
            draft = await self._begin(lane)
            outcomes = [
                (item, await self._draft(draft, item)) for item in work if still_wanted(item)
            ]
            if draft.changed:
                await self._committer.commit(_commit_of(draft))
        except Exception as error:  # the store's, or the metadata factory's
            lane.state = None  # read again what is really stored
            fail(work, error)
            return
        self._publish(lane, draft)
        for item, outcome in outcomes:
            settle(item, outcome)

    async def _begin(self, lane: Lane) -> Draft:
        session = await self._sessions.open(lane)
        state = await self.state(lane)
        return Draft(
            session=session,
            committed=state.cursors.event,
            timeline=TimelineDraft(state.timeline),
            ui_cursor=state.cursors.ui,
            ui_timeline=None if state.ui_timeline is None else state.ui_timeline.fork(),
        )

    async def _draft(self, draft: Draft, item: Work) -> Outcome:
        match item:
            case Publication(ephemeral=True):
                event = _event(draft, item, ordinal=0)
                return self._follower.follow_ephemeral(draft, event) or event
            case Publication():
                event = _event(draft, item, ordinal=draft.head + 1)
                return await self._follower.follow(draft, event) or event
            case Repair(rebuild=True):
                return await self._follower.rebuild_timeline(draft) or draft.timeline.ordinal
            case Repair():
                error = await self._follower.follow_timeline(draft, draft.head)
                return error or draft.timeline.ordinal
            case Note():
                draft.errors.append(replace(item.error, ordinal=draft.head))
                return None

    def _publish(self, lane: Lane, draft: Draft) -> None:
        """Makes the committed draft visible; does not suspend, so nobody sees half of it."""
        cursors = Cursors(event=draft.head, ui=draft.ui_cursor, timeline=draft.timeline.ordinal)
        lane.state = LaneState(cursors, draft.timeline.merge(), draft.ui_timeline)
        if draft.outputs:
            batches = [(output.event.ordinal, output.ui_events) for output in draft.outputs]
            self._deliver(lane.session_id, batches)
        if self._observers:
            self._observe(draft)

    def _observe(self, draft: Draft) -> None:
        shown = {output.event.ordinal: _names(output.ui_events) for output in draft.outputs}
        for event in draft.events:
            record = PipelineRecord(
                stage=PipelineStage.EVENT_COMMITTED,
                session_id=event.session_id,
                name=event.name,
                ordinal=event.ordinal,
                ui_events=shown.get(event.ordinal, ()),
                entities=draft.touched.get(event.ordinal, ()),
            )
            self._observers.notify(record)
        for output in draft.outputs:
            if not output.event.ordinal:
                record = PipelineRecord(
                    stage=PipelineStage.EVENT_PASSED,
                    session_id=output.event.session_id,
                    name=output.event.name,
                    ui_events=_names(output.ui_events),
                )
                self._observers.notify(record)
        for error in draft.errors:
            self._observers.notify(error)


def still_wanted(item: Work) -> bool:
    """Whether the work's caller is still there; one that left early published nothing."""
    return isinstance(item, Note) or not item.done.cancelled()


def settle(item: Work, outcome: Outcome) -> None:
    """Answers the work's caller, unless it left while the commit was running."""
    match item, outcome:
        case (Publication() | Repair(), ProjectionError()) if not item.done.done():
            item.done.set_exception(outcome)
        case (Publication(), Event()) if not item.done.done():
            item.done.set_result(outcome)
        case (Repair(), int()) if not item.done.done():
            item.done.set_result(outcome)


def _names(ui_events: Sequence[UIEvent[Message]]) -> tuple[str, ...]:
    return tuple(ui_event.name for ui_event in ui_events)


def _event(draft: Draft, item: Publication, ordinal: int) -> Event[Message]:
    return Event(session_id=draft.session.id, name=item.name, ordinal=ordinal, payload=item.payload)


def _commit_of(draft: Draft) -> SessionCommit:
    return SessionCommit(
        session_id=draft.session.id,
        events=tuple(draft.events),
        entities=draft.timeline.changes,
        errors=tuple(draft.errors),
        ui_cursor=draft.ui_cursor,
        timeline_cursor=draft.timeline.ordinal,
        replace_timeline=draft.replace_timeline,
    )
