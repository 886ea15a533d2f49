"""What the runtime tells those who watch it: frozen values, without payloads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Union

from sessionstream.types import UnreadableEntity, UnreadableEvent, escaped


class PipelineStage(StrEnum):
    """A point that a command or an event has reached."""

    COMMAND_STARTED = "command_started"
    COMMAND_COMPLETED = "command_completed"
    COMMAND_FAILED = "command_failed"
    EVENT_COMMITTED = "event_committed"
    EVENT_PASSED = "event_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRecord:
    """A command or an event reached a stage.

    An ephemeral event is never committed: it has passed when its UI events
    are handed to the fan-outs.

    ``name`` is the command's or the event's. ``ordinal`` is 0 for commands and
    ephemeral events. ``ui_events`` are names; ``entities`` are (kind, id) pairs.
    ``occurred_at`` is in seconds since the Unix epoch. It is not compared, nor
    is anything below it:

    ``began_at`` is when the command was submitted or the event published,
    ``commit_began_at`` when the transaction of the event was begun; the same
    seconds, None where it is not known. ``run`` numbers the runs of commands in
    this process: all records of one have the same, and so have the events that
    its handler and the tasks which that started have published; 0 for an event
    that no command has led to. ``parent_run`` is the run that a command was
    submitted from, 0 outside of one. ``command_id`` is what a client named it by.
    ``error_type`` is the name of the exception that a command failed with.
    ``context`` is what the Hub's ``record_context`` returned to whoever submitted
    the command or published the event; `sessionstream.tracing` leaves it out.
    """

    stage: PipelineStage
    session_id: str
    name: str
    ordinal: int = 0
    ui_events: tuple[str, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    occurred_at: float = field(default_factory=time.time, compare=False)
    began_at: float | None = field(default=None, compare=False)
    commit_began_at: float | None = field(default=None, compare=False)
    run: int = field(default=0, compare=False)
    parent_run: int = field(default=0, compare=False)
    command_id: str = field(default="", compare=False)
    error_type: str = field(default="", compare=False)
    context: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """A fan-out has taken the UI events of a committed event.

    ``fanout`` is its name; a ``Rooms`` has taken them when they are queued for
    its subscribers. Of one that fails there is an `ErrorRecord` in its place.
    ``began_at`` is when the event was committed, ``occurred_at`` when they were
    taken, both in seconds since the Unix epoch; neither is compared.
    """

    fanout: str
    session_id: str
    ordinal: int
    began_at: float = field(compare=False)
    occurred_at: float = field(compare=False)


class ErrorSource(StrEnum):
    """Where an error that was recorded came from."""

    UI_PROJECTION = "ui"
    TIMELINE_PROJECTION = "timeline"
    FANOUT = "fanout"
    TASK = "task"
    COMMAND = "command"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRecord:
    """An error that was caught at a border and recorded.

    ``name`` is the event's, the fan-out's, the task's or the command's, or the
    kind of entities that can't be read at the start of a compacted log. Only
    commands that came with an id have records. ``occurred_at`` is in seconds
    since the Unix epoch. Records are stored, one per session, source, ordinal
    and name: ``attempts`` counts how often it failed there. Those of the source
    ``store`` tell of events that can't be read any more; what follows such an
    event goes on without it.

    ``resolved_at`` says when one was resolved, in the same seconds; one that
    fails again is open again. The record of a projection that was held back is
    resolved in the transaction that stores how it passed the event. That of a
    timeline projection that went on without the event, or of an event that
    could not be read, stays open until a rebuild of the timeline passes the
    event. All others stay open until `Hub.resolve` or `Hub.retry`.
    """

    session_id: str
    source: ErrorSource
    name: str
    ordinal: int
    error_type: str
    message: str
    occurred_at: float
    attempts: int = 1
    resolved_at: float | None = None


def error_record(
    session_id: str, source: ErrorSource, name: str, ordinal: int, error: BaseException
) -> ErrorRecord:
    """Returns the record of an error that was caught now."""
    return ErrorRecord(
        session_id=session_id,
        source=source,
        name=name,
        ordinal=ordinal,
        error_type=type(error).__name__,
        message=text_of(error),
        occurred_at=time.time(),
    )


def unreadable_record(event: UnreadableEvent) -> ErrorRecord:
    """Returns the record of a stored event that was found unreadable now."""
    return ErrorRecord(
        session_id=event.session_id,
        source=ErrorSource.STORE,
        name=event.name,
        ordinal=event.ordinal,
        error_type=type(event).__name__,
        message=event.reason,
        occurred_at=time.time(),
    )


def unreadable_base_records(
    ordinal: int, entities: Sequence[UnreadableEntity]
) -> list[ErrorRecord]:
    """Returns a record for each kind of entities of a compacted log's base that can't be read.

    One for all of a kind: where a kind is not registered, there may be very many.
    """
    by_kind: dict[str, list[UnreadableEntity]] = {}
    for entity in entities:
        by_kind.setdefault(entity.kind, []).append(entity)
    return [
        ErrorRecord(
            session_id=first.session_id,
            source=ErrorSource.STORE,
            name=kind,
            ordinal=ordinal,
            error_type=type(first).__name__,
            message=f"{1 + len(others)} of the entities that the log begins with can't be read, "
            f"the first with the id {first.id!r}: {first.reason}",
            occurred_at=time.time(),
        )
        for kind, (first, *others) in by_kind.items()
    ]


def text_of(error: BaseException) -> str:
    """Returns the error's text, as any store can hold it."""
    try:
        return escaped(str(error))
    except Exception:  # user code: an exception whose own __str__ fails
        return "(its text could not be made)"


class TransportEvent(StrEnum):
    """What happened on a connection."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    FRAME_REJECTED = "frame_rejected"
    SLOW_CLIENT = "slow_client"
    LAGGING = "lagging"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportRecord:
    """Something happened on a connection. ``detail`` never holds a payload.

    ``occurred_at`` is in seconds since the Unix epoch; it is not compared.
    """

    event: TransportEvent
    connection_id: str
    session_id: str = ""
    detail: str = ""
    occurred_at: float = field(default_factory=time.time, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropRecord:
    """``count`` records are missing here: the observer was too slow for them.

    ``occurred_at`` is when it was found to keep up again, in seconds since the
    Unix epoch; it is not compared.
    """

    count: int
    occurred_at: float = field(default_factory=time.time, compare=False)


Record = Union[PipelineRecord, DeliveryRecord, ErrorRecord, TransportRecord, DropRecord]
