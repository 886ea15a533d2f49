"""What work comes to: each event is projected on a draft, each record and error added to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Union

from google.protobuf.message import Message

from sessionstream.drafts import Draft
from sessionstream.errors import ProjectionError
from sessionstream.follower import Follower
from sessionstream.lanes import Lane
from sessionstream.observer import ErrorSource, Observers
from sessionstream.schema import EventType
from sessionstream.timeline import Key, TimelineDraft
from sessionstream.types import Event
from sessionstream.work import Draftable, Note, Outcome, Publication, Recording, Repair

Prompt = Union[Publication, Note, Recording]
"""What is drafted without waiting, where the session is ready for it."""


class Drafter:
    """Opens the drafts of lanes and adds work to them; a lane's state is only read."""

    def __init__(self, follower: Follower, observers: Observers) -> None:
        self._follower = follower
        self._observers = observers

    def open(self, lane: Lane) -> Draft | None:
        """Returns the draft that new events go to; None where the session must be read first."""
        if lane.open is not None:
            return lane.open
        state, session = lane.state, lane.session
        if state is None or session is None or lane.in_doubt:
            return None
        touched: dict[int, tuple[Key, ...]] | None = {} if self._observers else None
        below = lane.sealed
        if below is not None:
            timeline = TimelineDraft(below.timeline)
            draft = Draft(session, below.head, timeline, below.ui_cursor, below.epoch, below.shown)
            draft.touched, draft.outdated = touched, below.outdated
            return draft
        timeline = TimelineDraft(state.timeline)
        draft = Draft(session, state.head, timeline, state.ui_cursor, state.epoch, state.shown)
        if state.ui_timeline is not None:
            draft.ui_timeline = TimelineDraft(state.ui_timeline)
        draft.touched, draft.outdated = touched, state.outdated
        return draft

    def outcome(self, draft: Draft, work: Prompt) -> Outcome:
        """Adds what needs no waiting; the projections must be in step, or are held back."""
        if isinstance(work, Recording):
            return draft.record(work)
        if isinstance(work, Note):
            ordinal = work.error.ordinal or draft.head
            # What a fan-out was given can be of a session that was deleted since.
            of_fanout = work.error.source is ErrorSource.FANOUT
            if ordinal <= draft.head and (draft.head or not of_fanout):
                draft.errors.append(replace(work.error, ordinal=ordinal))
            return None
        events: list[Event[Message]] = []
        failure: ProjectionError | None = None
        for event_type, payload in work.events:
            event = _event(draft, event_type, payload)
            events.append(event)
            if work.cause is not None:
                draft.causes[id(event)] = work.cause
            error = self._follower.project(draft, event)
            failure = failure or error
        return failure or events

    async def outcome_of_any(self, draft: Draft, work: Draftable) -> Outcome:
        """Adds any work; what the projections have missed is read and comes first."""
        if draft.outdated and not (isinstance(work, Repair) and work.rebuilt is not None):
            await self._follower.renew_timeline(draft)
        match work:
            case Repair():
                draft.write_entities = draft.write_entities or work.stored
                if work.rebuilt is None:
                    error = await self._follower.follow_timeline(draft, draft.head)
                else:
                    error = await self._follower.replace_timeline(draft, work.rebuilt)
                return error or draft.timeline.ordinal
            case Publication():
                # What comes before must be projected first; what fails there is told, too.
                error = await self._follower.catch_up(draft)
                outcome = self.outcome(draft, work)
                return outcome if isinstance(outcome, ProjectionError) else error or outcome
            case Note() | Recording():
                return self.outcome(draft, work)


def _event(draft: Draft, event_type: EventType[Message], payload: Message) -> Event[Message]:
    ordinal = 0 if event_type.ephemeral else draft.head + 1
    return Event(
        session_id=draft.session.id, name=event_type.name, ordinal=ordinal, payload=payload
    )
