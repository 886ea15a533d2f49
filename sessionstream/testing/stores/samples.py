"""A tiny application: notes that are added to a timeline. Its messages come with protobuf."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.hydration.base import CommandRecord, CommandStatus, Passed, SessionCommit
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.schema import SchemaRegistry
from sessionstream.types import Event, TimelineEntity, UIBatch, UIEvent

NOTE_ADDED = "NoteAdded"
NOTE_SHOWN = "NoteShown"
NOTE = "Note"


def sample_registry() -> SchemaRegistry:
    """Returns a registry with an event, a UI event and an entity."""
    registry = SchemaRegistry()
    registry.register_event(NOTE_ADDED, StringValue)
    registry.register_ui_event(NOTE_SHOWN, StringValue)
    registry.register_timeline_entity(NOTE, StringValue)
    return registry


def note_added(session_id: str, ordinal: int, text: str = "") -> Event[StringValue]:
    """Returns an event; its text names its ordinal unless one is given."""
    payload = StringValue(value=text or f"text {ordinal}")
    return Event(session_id=session_id, name=NOTE_ADDED, ordinal=ordinal, payload=payload)


def shown(session_id: str, ordinal: int, previous: int = 0, *texts: str) -> UIBatch:
    """Returns the UI events of an event, as they are committed to a session's first life."""
    return UIBatch(
        session_id=session_id,
        epoch="",
        ordinal=ordinal,
        previous_ordinal=previous,
        events=tuple(
            UIEvent[Message](name=NOTE_SHOWN, payload=StringValue(value=text))
            for text in texts or (f"shown {ordinal}",)
        ),
    )


def shown_commit(session_id: str, first: int, *batches: UIBatch, last: int = 0) -> SessionCommit:
    """Returns a commit of the events ``first`` to ``last`` with these UI events."""
    return replace(notes_commit(session_id, first, last), ui_batches=batches)


def ran(
    command_id: str, status: CommandStatus = CommandStatus.ACCEPTED, ordinal: int = 0
) -> CommandRecord:
    """Returns the record of a command."""
    return CommandRecord(
        command_id=command_id, name="AddNote", status=status, ordinal=ordinal, at=1.5
    )


def note(note_id: str, text: str, *, created: int = 1, changed: int = 1) -> TimelineEntity[Message]:
    """Returns an entity with its ordinals."""
    return TimelineEntity(
        kind=NOTE,
        id=note_id,
        payload=StringValue(value=text),
        created_ordinal=created,
        last_event_ordinal=changed,
    )


def note_removed(note_id: str) -> TimelineEntity[Message]:
    """Returns the tombstone of an entity."""
    return TimelineEntity(kind=NOTE, id=note_id, tombstone=True)


def notes_commit(
    session_id: str,
    first: int = 1,
    last: int = 0,
    *,
    entities: Iterable[TimelineEntity[Message]] = (),
    errors: Iterable[ErrorRecord] = (),
    replace_timeline: bool = False,
) -> SessionCommit:
    """Returns a commit of the events ``first`` to ``last``, with both cursors at the last."""
    last = max(first, last)
    return SessionCommit(
        session_id=session_id,
        events=[note_added(session_id, ordinal) for ordinal in range(first, last + 1)],
        entities=list(entities),
        errors=list(errors),
        ui_cursor=last,
        timeline_cursor=last,
        replace_timeline=replace_timeline,
    )


def still_commit(
    session_id: str,
    head: int,
    *,
    entities: Iterable[TimelineEntity[Message]] = (),
    errors: Iterable[ErrorRecord] = (),
    passed: Iterable[Passed] = (),
    replace_timeline: bool = False,
) -> SessionCommit:
    """Returns a commit without events for a session that stands at ``head``."""
    return SessionCommit(
        session_id=session_id,
        entities=list(entities),
        errors=list(errors),
        passed=list(passed),
        ui_cursor=head,
        timeline_cursor=head,
        replace_timeline=replace_timeline,
    )


def failure(
    session_id: str,
    ordinal: int,
    *,
    message: str = "no such note",
    occurred_at: float = 1.5,
    source: ErrorSource = ErrorSource.TIMELINE_PROJECTION,
) -> ErrorRecord:
    """Returns the record of a projection that failed on an event."""
    return ErrorRecord(
        session_id=session_id,
        source=source,
        name=NOTE_ADDED,
        ordinal=ordinal,
        error_type="LookupError",
        message=message,
        occurred_at=occurred_at,
    )
