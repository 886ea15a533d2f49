"""What the lab's pages run: a board of notes, its handlers and its projections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from sessionstream import Command, CommandRefusedError, Event, Session, override
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1.lab_sessionstream import (
    LabEntities,
    LabEntity,
    LabHandlers,
    LabPublisher,
    LabTimelineProjection,
    LabTimelineView,
    LabUI,
    LabUIEvent,
    LabUIProjection,
)

MAX_CHARACTERS: Final = 200


@final
class Handlers(LabHandlers):
    """Every command becomes one event."""

    @override
    async def add_note(
        self, command: Command[pb.AddNote], session: Session, publisher: LabPublisher
    ) -> None:
        """Adds a note.

        Raises:
            CommandRefusedError: The id or the text is empty or too long.
        """
        asked = command.payload
        note_id, text = checked("id", asked.note_id), checked("text", asked.text)
        await publisher.note_added(pb.NoteAdded(note_id=note_id, text=text))

    @override
    async def edit_note(
        self, command: Command[pb.EditNote], session: Session, publisher: LabPublisher
    ) -> None:
        """Gives a note another text.

        Raises:
            CommandRefusedError: The id or the text is empty or too long.
        """
        asked = command.payload
        note_id, text = checked("id", asked.note_id), checked("text", asked.text)
        await publisher.note_edited(pb.NoteEdited(note_id=note_id, text=text))

    @override
    async def remove_note(
        self, command: Command[pb.RemoveNote], session: Session, publisher: LabPublisher
    ) -> None:
        """Takes a note off the board.

        Raises:
            CommandRefusedError: The id is empty or too long.
        """
        note_id = checked("id", command.payload.note_id)
        await publisher.note_removed(pb.NoteRemoved(note_id=note_id))

    @override
    async def start_typing(
        self, command: Command[pb.StartTyping], session: Session, publisher: LabPublisher
    ) -> None:
        """Tells that somebody types.

        Raises:
            CommandRefusedError: The name is empty or too long.
        """
        await publisher.someone_types(pb.SomeoneTypes(who=checked("name", command.payload.who)))


def checked(what: str, text: str) -> str:
    """Returns a text that a note can have.

    Raises:
        CommandRefusedError: It is empty or too long.
    """
    if not text.strip():
        raise CommandRefusedError("bad_note", f"The {what} is empty.")
    if len(text) > MAX_CHARACTERS:
        raise CommandRefusedError(
            "bad_note", f"The {what} has {len(text)} characters; {MAX_CHARACTERS} are allowed."
        )
    return text


class LiveNotes(LabUIProjection):
    """What pages that watch are told."""

    @override
    def note_added(
        self, event: Event[pb.NoteAdded], session: Session, view: LabTimelineView
    ) -> Iterable[LabUIEvent]:
        """Shows the note."""
        note = event.payload
        return [LabUI.lab_note_shown(pb.NoteShown(note_id=note.note_id, text=note.text))]

    @override
    def note_edited(
        self, event: Event[pb.NoteEdited], session: Session, view: LabTimelineView
    ) -> Iterable[LabUIEvent]:
        """Shows the note with its new text."""
        note = _edited(event.payload, view)
        if note is None:
            return []
        shown = pb.NoteShown(note_id=note.note_id, text=note.text, edits=note.edits)
        return [LabUI.lab_note_shown(shown)]

    @override
    def note_removed(
        self, event: Event[pb.NoteRemoved], session: Session, view: LabTimelineView
    ) -> Iterable[LabUIEvent]:
        """Hides the note."""
        note_id = event.payload.note_id
        if view.note.get(note_id) is None:
            return []
        return [LabUI.lab_note_hidden(pb.NoteHidden(note_id=note_id))]


class StoredNotes(LabTimelineProjection):
    """What a snapshot holds."""

    @override
    def note_added(
        self, event: Event[pb.NoteAdded], session: Session, view: LabTimelineView
    ) -> Iterable[LabEntity]:
        """Keeps the note."""
        note = event.payload
        return [LabEntities.note(pb.Note(note_id=note.note_id, text=note.text))]

    @override
    def note_edited(
        self, event: Event[pb.NoteEdited], session: Session, view: LabTimelineView
    ) -> Iterable[LabEntity]:
        """Keeps the note with its new text."""
        note = _edited(event.payload, view)
        return [] if note is None else [LabEntities.note(note)]

    @override
    def note_removed(
        self, event: Event[pb.NoteRemoved], session: Session, view: LabTimelineView
    ) -> Iterable[LabEntity]:
        """Leaves a tombstone."""
        note_id = event.payload.note_id
        if view.note.get(note_id) is None:
            return []
        return [LabEntities.note.tombstone(note_id)]


def _edited(change: pb.NoteEdited, view: LabTimelineView) -> pb.Note | None:
    # Both projections see the timeline as it stood before the event.
    note = view.note.get(change.note_id)
    if note is None:
        return None
    return pb.Note(note_id=note.note_id, text=change.text, edits=note.edits + 1)
