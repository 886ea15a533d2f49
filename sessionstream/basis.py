"""What a session's log is folded onto: nothing, or where it was compacted a stored timeline."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessionstream.hydration.base import HydrationStore, Passed
from sessionstream.observer import ErrorRecord, ErrorSource, unreadable_base_records
from sessionstream.passing import passed
from sessionstream.timeline import Timeline, stored_timeline


@dataclass(slots=True)
class Base:
    """The timeline at the start of a log; whoever folds onto it changes it.

    ``errors`` tell of entities that it lacks, because they can't be read any
    more. Where none are lacking, nothing that came before is either: ``passed``.
    """

    timeline: Timeline
    errors: list[ErrorRecord] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)


async def read_base(store: HydrationStore, session_id: str) -> Base:
    """Returns the base of a session's log, read from the store."""
    stored = await store.base_timeline(session_id)
    timeline, unreadable = stored_timeline(stored.entities, stored.ordinal)
    if unreadable:
        return Base(timeline, unreadable_base_records(stored.ordinal, unreadable))
    return Base(timeline, passed=passed((ErrorSource.STORE,), 0, stored.ordinal, ()))
