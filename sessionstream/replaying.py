"""Folds events onto a timeline that is only looked at: nothing is drafted or recorded."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from google.protobuf.message import Message

from sessionstream.errors import ProjectionError
from sessionstream.eventlog import EventLog
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy, Projector
from sessionstream.runner import ProjectionRunner, SomeFailedError
from sessionstream.timeline import Timeline, TimelineDraft
from sessionstream.types import Event, Session, StoredEvent, UnreadableEvent


class Replayer:
    """Applies the timeline projections to events that may have been seen before."""

    def __init__(
        self, log: EventLog, runner: ProjectionRunner, policies: ProjectionPolicies
    ) -> None:
        self._log = log
        self._runner = runner
        self._policies = policies

    async def timeline_at(
        self,
        session: Session,
        base: Timeline,
        ordinal: int,
        unreadable: Callable[[UnreadableEvent], None],
    ) -> Timeline:
        """Returns the fold of the stored log onto its base, up to an ordinal that it holds.

        ``unreadable`` is told of each event that the fold had to leave out.

        Raises:
            ProjectionError: A timeline projection failed, under the policy `FAIL`.
        """
        log = self._log.stored(session.id, base.ordinal, ordinal)
        folded = TimelineDraft(base)
        error = await self.fold_all(folded, session, log, unreadable)
        if error is not None:
            raise error
        return folded.merge()

    async def fold_all(
        self,
        timeline: TimelineDraft,
        session: Session,
        log: AsyncGenerator[StoredEvent],
        unreadable: Callable[[UnreadableEvent], None],
    ) -> ProjectionError | None:
        """Folds a log into the timeline; under `FAIL` up to the event that fails."""
        async with aclosing(log):
            async for event in log:
                if isinstance(event, UnreadableEvent):
                    unreadable(event)
                    timeline.ordinal = event.ordinal
                    continue
                error = self.fold(timeline, event, session)
                if error is not None:
                    return error
        return None

    def fold(
        self, timeline: TimelineDraft, event: Event[Message], session: Session
    ) -> ProjectionError | None:
        """Folds one event into the timeline, which stays as it is if that fails under `FAIL`."""
        try:
            entities = self._runner.timeline(event, session, timeline)
        except SomeFailedError as failed:
            if self._policies.timeline is ProjectionPolicy.FAIL:
                return failure_of(Projector.TIMELINE, event, failed.cause)
            entities = failed.others
        timeline.apply(event.ordinal, entities)
        return None


def failure_of(projector: Projector, event: Event[Message], cause: Exception) -> ProjectionError:
    """Returns the error that says on which event a projection failed."""
    failure = ProjectionError(projector.value, event.session_id, event.ordinal, event.name)
    failure.__cause__ = cause
    return failure
