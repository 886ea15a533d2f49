"""Keeps both projections of a session in step with its log, while a draft is made."""

from __future__ import annotations

import logging
from contextlib import aclosing

from google.protobuf.message import Message

from sessionstream.basis import Base, read_base
from sessionstream.drafts import Draft
from sessionstream.errors import ProjectionError
from sessionstream.eventlog import EventLog
from sessionstream.hydration.base import HydrationStore
from sessionstream.observer import ErrorSource, error_record, unreadable_record
from sessionstream.passing import passed
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy, Projector
from sessionstream.replaying import Replayer, failure_of
from sessionstream.runner import ProjectionRunner, SomeFailedError
from sessionstream.timeline import TimelineDraft
from sessionstream.types import Event, UnreadableEvent
from sessionstream.work import Rebuilt

logger = logging.getLogger("sessionstream.hub")

# Whose error records are over when a projection has passed their event: a timeline that has
# could also read it.
_UI = (ErrorSource.UI_PROJECTION,)
_TIMELINE = (ErrorSource.TIMELINE_PROJECTION, ErrorSource.STORE)


class Follower:
    """Applies the projections to events, under their policies.

    Each projection has a cursor. When it stands just below the event, the
    event is projected. When it is further behind, because it failed under the
    policy `FAIL`, the events in between come first; while one of them still
    fails, the projection stays where it is and the new event waits in the log.

    An event that can't be read any more changes nothing, whatever the policy:
    it is recorded, and both projections pass it.

    Attributes:
        replayer: Folds logs under the same policies, without a draft.
    """

    def __init__(
        self, store: HydrationStore, runner: ProjectionRunner, policies: ProjectionPolicies
    ) -> None:
        self._store = store
        self._runner = runner
        self._policies = policies
        self._log = EventLog(store)
        self.replayer = Replayer(self._log, runner, policies)

    @property
    def has_timeline(self) -> bool:
        """Whether there is a timeline projection at all."""
        return self._runner.has_timeline

    @property
    def timeline_names(self) -> tuple[str, ...]:
        """The names of the timeline projections, sorted."""
        return self._runner.timeline_names

    def project(self, draft: Draft, event: Event[Message]) -> ProjectionError | None:
        """Takes a new event into the draft; the projections that stand just below it see it.

        An ephemeral event, whose ordinal is 0, is seen by the UI projections
        alone and is not stored.

        Returns:
            What holds a projection back on this event, if anything does: an
            error for the event's publisher.
        """
        if not event.ordinal:
            return self._project_ephemeral(draft, event)
        before = event.ordinal - 1
        ui_error = timeline_error = None
        if draft.ui_cursor == before:
            ui_error = self._project_ui(draft, event, draft.timeline)
        if draft.timeline.ordinal == before:
            timeline_error = self._project_timeline(draft, event)
        draft.events.append(event)
        return timeline_error or ui_error

    def _project_ephemeral(self, draft: Draft, event: Event[Message]) -> ProjectionError | None:
        try:
            ui_events = self._runner.ui(event, draft.session, draft.timeline)
        except SomeFailedError as failed:
            failure = self._record(draft, Projector.UI, event, failed.cause)
            if self._policies.ui is ProjectionPolicy.FAIL:
                return failure
            ui_events = failed.others
        draft.show(event, ui_events)
        return None

    async def catch_up(self, draft: Draft) -> ProjectionError | None:
        """Brings both projections to the head, or each to just below the event it fails on."""
        ui_error = timeline_error = None
        head = draft.head
        known, ui, timeline = len(draft.errors), draft.ui_cursor, draft.timeline.ordinal
        after = min(ui, timeline)
        async with aclosing(self._log.drafted(draft, after, head)) as log:
            async for event in log:
                before = event.ordinal - 1
                if isinstance(event, UnreadableEvent):
                    _pass(draft, event)
                    continue
                if draft.ui_cursor == before and ui_error is None:
                    view = await self._timeline_before(draft, event.ordinal)
                    ui_error = self._project_ui(draft, event, view)
                if draft.timeline.ordinal == before and timeline_error is None:
                    timeline_error = self._project_timeline(draft, event)
                ui_ended = ui_error is not None or draft.ui_cursor == head
                if ui_ended and (timeline_error is not None or draft.timeline.ordinal == head):
                    break
        if ui_error is None:
            draft.ui_timeline = None
        failed = draft.errors[known:]
        draft.passed += passed(_UI, ui, draft.ui_cursor, failed)
        draft.passed += passed(_TIMELINE, timeline, draft.timeline.ordinal, failed)
        return timeline_error or ui_error

    def _project_ui(
        self, draft: Draft, event: Event[Message], view: TimelineDraft
    ) -> ProjectionError | None:
        try:
            ui_events = self._runner.ui(event, draft.session, view)
        except SomeFailedError as failed:
            failure = self._record(draft, Projector.UI, event, failed.cause)
            if self._policies.ui is ProjectionPolicy.FAIL:
                # A view that is older, because the timeline is held back too, is of no use later.
                if draft.ui_timeline is None and view.ordinal == draft.ui_cursor:
                    draft.ui_timeline = TimelineDraft(view.freeze())
                return failure
            ui_events = failed.others
        draft.show(event, ui_events)
        draft.ui_cursor = event.ordinal
        kept = draft.ui_timeline
        if kept is not None and self.replayer.fold(kept, event, draft.session):
            draft.ui_timeline = None
        return None

    async def follow_timeline(self, draft: Draft, upto: int) -> ProjectionError | None:
        """Brings the timeline to ``upto``, or to just below the event that it fails on."""
        known, start = len(draft.errors), draft.timeline.ordinal
        failure: ProjectionError | None = None
        async with aclosing(self._log.drafted(draft, start, upto)) as log:
            async for event in log:
                if isinstance(event, UnreadableEvent):
                    _pass(draft, event)
                    continue
                failure = self._project_timeline(draft, event)
                if failure is not None:
                    break
        draft.passed += passed(_TIMELINE, start, draft.timeline.ordinal, draft.errors[known:])
        return failure

    def _project_timeline(self, draft: Draft, event: Event[Message]) -> ProjectionError | None:
        try:
            entities = self._runner.timeline(event, draft.session, draft.timeline)
        except SomeFailedError as failed:
            failure = self._record(draft, Projector.TIMELINE, event, failed.cause)
            if self._policies.timeline is ProjectionPolicy.FAIL:
                return failure
            entities = failed.others
        draft.timeline.apply(event.ordinal, entities)
        if draft.touched is not None:
            draft.touched[event.ordinal] = tuple((item.kind, item.id) for item in entities)
        return None

    async def replace_timeline(self, draft: Draft, rebuilt: Rebuilt) -> ProjectionError | None:
        """Puts a timeline that was folded anew in place of the drafted one, if all goes well."""
        if rebuilt.is_stale():
            rebuilt = await self._rebuilt_so_far(draft.session.id)
        # A fork: the work may be drafted again, when a commit below it fails.
        previous, draft.timeline = draft.timeline, rebuilt.timeline.fork()
        known = len(draft.passed)
        draft.errors += rebuilt.errors
        error = await self.follow_timeline(draft, draft.head)
        if error is None:
            draft.replace_timeline = draft.head > 0  # without events there is nothing to replace
            draft.outdated = False
            draft.projections = self._runner.timeline_names
            draft.passed += rebuilt.passed
        else:
            draft.timeline = previous
            del draft.passed[known:]  # the previous one has not passed them
        return error

    async def renew_timeline(self, draft: Draft) -> None:
        """Folds an outdated timeline anew; where that fails, the draft keeps what it has.

        What failed is recorded, and tried again when the session is next read from the store.
        """
        rebuilt = await self._rebuilt_so_far(draft.session.id)
        error = await self.replace_timeline(draft, rebuilt)
        if error is not None:
            logger.warning(
                "the stored timeline stays in use: %s",
                error,
                extra={"session_id": draft.session.id},
            )
        draft.outdated = False

    async def _rebuilt_so_far(self, session_id: str) -> Rebuilt:
        base = await self.base(session_id)
        return Rebuilt(TimelineDraft(base.timeline), base.errors, base.passed)

    async def base(self, session_id: str) -> Base:
        """Returns what the stored log is folded onto: nothing, unless it was compacted."""
        return await read_base(self._store, session_id)

    async def _timeline_before(self, draft: Draft, ordinal: int) -> TimelineDraft:
        """The view for the UI projections: exact, or older where the timeline fails."""
        if draft.ui_timeline is None:
            if draft.timeline.ordinal < ordinal:
                return draft.timeline
            base = await self.base(draft.session.id)
            draft.errors += base.errors
            replayed = TimelineDraft(base.timeline)
            log = self._log.drafted(draft, replayed.ordinal, ordinal - 1)
            error = await self.replayer.fold_all(replayed, draft.session, log, _told_before)
            if error is not None:  # the timeline has passed an event on which it would fail now
                return replayed
            draft.ui_timeline = replayed
        return draft.ui_timeline

    def _record(
        self, draft: Draft, projector: Projector, event: Event[Message], error: Exception
    ) -> ProjectionError:
        source = ErrorSource(projector.value)
        record = error_record(event.session_id, source, event.name, event.ordinal, error)
        draft.errors.append(record)
        return failure_of(projector, event, error)


def _pass(draft: Draft, event: UnreadableEvent) -> None:
    """Moves the cursors that stand just below the event past it, and records it."""
    before = event.ordinal - 1
    if before not in (draft.ui_cursor, draft.timeline.ordinal):
        return
    if draft.ui_cursor == before:
        draft.ui_cursor = event.ordinal
        if draft.ui_timeline is not None:
            draft.ui_timeline.ordinal = event.ordinal
    if draft.timeline.ordinal == before:
        draft.timeline.apply(event.ordinal, ())
    draft.errors.append(unreadable_record(event))


def _told_before(event: UnreadableEvent) -> None:
    """An event that the timeline passed before the UI projection came to it."""
