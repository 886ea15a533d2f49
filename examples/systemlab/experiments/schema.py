"""A file that an older release of the application wrote, read by a newer one."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Final

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message

from sessionstream import Hub, Observer, SchemaRegistry, StoredEvent, UnreadableEvent
from sessionstream.hydration.sqlite import SQLiteStore
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import Check, check
from systemlab.experiments.report import Report
from systemlab.showing import event_json
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "schema"
RENUMBERED: Final = "renumbered-field"
GIVES_UP: Final = "giving-up"
_TEXT: Final = "Feed the cat"


async def run(folder: Path, observer: Observer, fault: str) -> Report:
    """Writes three events, then reads them by another schema.

    In that one the field ``text`` is called ``body``, and there is no ``LabNoteRemoved``.
    """
    path = folder / "schema.db"
    path.unlink(missing_ok=True)
    registry = lab_registry()
    async with (
        SQLiteStore.open(path, registry) as store,
        open_board(registry, store, observers=[observer]) as hub,
    ):
        client = lab.LabClient(hub)
        await client.add_note(SESSION, pb.AddNote(note_id="n1", text=_TEXT))
        await client.remove_note(SESSION, pb.RemoveNote(note_id="n1"))
        await client.add_note(SESSION, pb.AddNote(note_id="n2", text=_TEXT))
    newer = _newer_note_added(number=3 if fault == RENUMBERED else 2)
    registry = SchemaRegistry()
    registry.register_event(lab.NOTE_ADDED.name, newer)
    registry.register_timeline_entity(lab.NOTE.kind, pb.Note)
    async with (
        SQLiteStore.open(path, registry) as store,
        Hub(registry, store=store, observers=[observer]) as hub,
    ):
        log, session_id = await log_of(store, SESSION), SESSION
        if fault == GIVES_UP:
            log = list(takewhile(lambda event: not isinstance(event, UnreadableEvent), log))
            session_id = f"{SESSION}-anew"
        written = await hub.publish(session_id, lab.NOTE_ADDED.name, newer(note_id="n3"))
    lines = [f"The newer release reads: {event_json(event)}" for event in log]
    lines.append(f"It goes on with ordinal {written.ordinal}.")
    return Report(lines=lines, checks=_checks(log, written.ordinal))


def _checks(log: list[StoredEvent], next_ordinal: int) -> list[Check]:
    notes = [event for event in log if not isinstance(event, UnreadableEvent)]
    bodies = {event.ordinal: _field(event.payload, "body") for event in notes}
    lost = [
        f"event {ordinal} has {body!r} instead of {_TEXT!r}"
        for ordinal, body in bodies.items()
        if body != _TEXT
    ]
    hidden = [] if [event.ordinal for event in log] == [1, 2, 3] else ["an event is missing"]
    unread = [event for event in log if isinstance(event, UnreadableEvent)]
    untold = [] if [event.ordinal for event in unread] == [2] else ["nothing tells of event 2"]
    wrong = [] if next_ordinal == 4 else [f"the next event got {next_ordinal}"]
    return [
        check("A field that was renamed keeps what it held", lost, len(notes), "events"),
        check("An event that can't be read hides no other", hidden, len(log), "events"),
        check("It is told, with its name and why", untold, len(log), "events"),
        check("The session goes on behind it", wrong, len(log) + 1, "events"),
    ]


def _field(payload: Message, name: str) -> object:
    return next((value for field, value in payload.ListFields() if field.name == name), "")


def _newer_note_added(number: int) -> type[Message]:
    file = FileDescriptorProto(name="newer.proto", package="systemlab.v1", syntax="proto3")
    message = file.message_type.add(name="NoteAdded")
    for name, place in (("note_id", 1), ("body", number)):
        message.field.add(
            name=name,
            number=place,
            type=FieldDescriptorProto.TYPE_STRING,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made: type[Message] = message_factory.GetMessageClass(
        pool.FindMessageTypeByName("systemlab.v1.NoteAdded")
    )
    return made
