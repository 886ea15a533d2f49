"""What observers are told of a commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.causes import wall_clock
from sessionstream.drafts import Draft
from sessionstream.observer import PipelineRecord, PipelineStage, Record
from sessionstream.types import Event, UIBatch


def records_of(draft: Draft, committed_at: float) -> Iterator[Record]:
    """Yields the records of a draft that was committed at a time of `time.monotonic`.

    First its events, then the ephemeral ones that were shown, then its errors.
    """
    shown = {output.event.ordinal: _names(output.batch) for output in draft.outputs}
    times = _Times(wall_clock(), committed_at, draft.sealed_at)
    for event in draft.events:
        yield _record(draft, event, shown.get(event.ordinal, ()), times)
    for output in draft.outputs:
        if not output.event.ordinal:
            yield _record(draft, output.event, _names(output.batch), times)
    yield from draft.errors


@dataclass(frozen=True, slots=True)
class _Times:
    """When the draft was sealed and committed, and what makes that seconds of the epoch."""

    offset: float
    committed: float
    sealed: float | None


def _record(
    draft: Draft, event: Event[Message], ui_events: tuple[str, ...], times: _Times
) -> PipelineRecord:
    cause = draft.causes.get(id(event))
    is_stored = event.ordinal > 0
    sealed = times.sealed if is_stored else None
    return PipelineRecord(
        stage=PipelineStage.EVENT_COMMITTED if is_stored else PipelineStage.EVENT_PASSED,
        session_id=event.session_id,
        name=event.name,
        ordinal=event.ordinal,
        ui_events=ui_events,
        entities=(draft.touched or {}).get(event.ordinal, ()),
        occurred_at=times.committed + times.offset,
        began_at=None if cause is None else cause.at + times.offset,
        commit_began_at=None if sealed is None else sealed + times.offset,
        run=0 if cause is None else cause.run,
        context=None if cause is None else cause.context,
    )


def _names(batch: UIBatch) -> tuple[str, ...]:
    return tuple(ui_event.name for ui_event in batch.events)
