"""What failed, as operators see it: listed, resolved, tried again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Unpack

from google.protobuf.message import Message

from sessionstream.arguments import check_type
from sessionstream.errors import OrdinalError, ProjectionError, SessionStreamError
from sessionstream.hydration.base import ErrorFilters, HydrationStore
from sessionstream.lanes import Lane, UseLane
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.pipeline import Pipeline
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy
from sessionstream.reader import Reader
from sessionstream.rebuilding import Rebuilding
from sessionstream.types import Event
from sessionstream.work import Publication


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The error records of a store, and how what they tell of is tried again."""

    store: HydrationStore
    pipeline: Pipeline
    reader: Reader
    rebuilding: Rebuilding
    policies: ProjectionPolicies
    lane: UseLane

    async def errors(
        self, session_id: str | None, limit: int, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Returns error records, the newest first; see `HydrationStore.errors`."""
        return await self.store.errors(session_id, limit, **filters)

    async def resolve(self, record: ErrorRecord) -> bool:
        """Marks a record as resolved; False where it is, or has failed again meanwhile."""
        check_type("record", record, ErrorRecord)
        return await self.store.resolve_errors([record], time.time()) > 0

    async def retry(self, record: ErrorRecord) -> bool:
        """Runs the projection of a record again; resolves the record when it has passed.

        A timeline that is held back runs on, one that went on without the
        event, or could not read it, is rebuilt. A UI projection that is held
        back catches up. Returns whether that has resolved the record: False
        where a projection went on without the event once more.

        Raises:
            ProjectionError: The projection failed, on this event or a later one.
            OrdinalError: The event was compacted away; it can't be run again.
            SessionStreamError: What failed can't be run again: a task, a
                fan-out, or a UI projection that went on without the event.
        """
        check_type("record", record, ErrorRecord)
        known = await self._current(record)
        before = known or record
        try:
            await self._run_again(before)
        except ProjectionError:
            # It may have come past this event, and failed on a later one.
            if await self._has_passed(before):
                await self.resolve(before)
            raise
        if await self.resolve(before):
            return True
        now = await self._current(before)
        # Of those that were resolved, the oldest are forgotten.
        return known is not None and (now is None or now.resolved_at is not None)

    async def _current(self, record: ErrorRecord) -> ErrorRecord | None:
        """The record as it is stored now, with all its attempts; None where it is not."""
        after: ErrorRecord | None = None
        while page := await self.store.errors(
            record.session_id, source=record.source, resolved=None, after=after
        ):
            after = page[-1]
            for found in page:
                if (found.ordinal, found.name) == (record.ordinal, record.name):
                    return found
        return None

    async def _run_again(self, record: ErrorRecord) -> None:
        with self.lane(record.session_id) as lane:
            cursors = await self.store.cursors(record.session_id)
            compacted = record.ordinal <= cursors.log_start
            # What could not be read was never compacted away, or is in the timeline there.
            if compacted and record.source is not ErrorSource.STORE:
                raise OrdinalError(
                    record.session_id, record.ordinal, cursors.event, cursors.log_start
                )
            match record.source:
                case ErrorSource.TIMELINE_PROJECTION:
                    if self.policies.timeline is ProjectionPolicy.FAIL:
                        await self.reader.repair(lane)
                    else:
                        await self.rebuilding.rebuild(lane, None)
                case ErrorSource.STORE:
                    await self.rebuilding.rebuild(lane, None)
                case ErrorSource.UI_PROJECTION if self.policies.ui is ProjectionPolicy.FAIL:
                    await self._catch_up(lane)
                case _:
                    raise SessionStreamError(
                        f"the {record.source.value} error of session {record.session_id!r} at "
                        f"event {record.ordinal} can't be retried: what failed is not run again; "
                        "resolve it"
                    )

    async def _catch_up(self, lane: Lane) -> None:
        """Lets both projections catch up, as the next event would."""
        done: asyncio.Future[list[Event[Message]]] = asyncio.get_running_loop().create_future()
        self.pipeline.accept(lane, Publication((), done))
        await done

    async def _has_passed(self, record: ErrorRecord) -> bool:
        if record.source is ErrorSource.UI_PROJECTION:
            return record.ordinal <= (await self.store.cursors(record.session_id)).ui
        with self.lane(record.session_id) as lane:  # what is stored of a timeline may trail
            return record.ordinal <= (await self.pipeline.states.of(lane)).timeline.ordinal
