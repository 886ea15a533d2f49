"""Page 1: what becomes of a command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, final

from google.protobuf.message import Message

from sessionstream import (
    CommandRefusedError,
    Event,
    Session,
    Snapshot,
    StoredEvent,
    UIEvent,
    UnreadableEvent,
    override,
)
from sessionstream.hydration.memory import MemoryStore
from systemlab.asking import Asked, LabError
from systemlab.board import Told, lab_registry, log_of, open_board
from systemlab.checking import JSON, Check, check
from systemlab.exercise import ENOUGH, Action, Exercise, Page
from systemlab.exporting import as_json, as_markdown
from systemlab.folding import board_of_entities, board_of_log, board_of_pages, differences
from systemlab.notes import LiveNotes, StoredNotes
from systemlab.showing import event_json, snapshot_json, ui_event_json
from systemlab.tracing import trace_rows
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "board"
# All of it is shown after each command.
MOST_SHOWN: Final = 500


class ProjectionExercise(Exercise):
    """A board in memory: submit a command, see everything that came of it."""

    @override
    async def open(self) -> None:
        """Opens the Hub."""
        registry = lab_registry()
        store = _Forgetful() if self.fault == "lost-event" else MemoryStore()
        self._store = await self.stack.enter_async_context(store)
        self._told = Told()
        self._hub = await self.stack.enter_async_context(
            open_board(
                registry,
                self._store,
                observers=[self.recorder],
                ui=_SilentRemovals() if self.fault == "silent-removals" else None,
                timeline=_ForgottenEdits() if self.fault == "forgotten-edits" else None,
            )
        )
        self._hub.add_fanout(self._told)
        self._client = lab.LabClient(self._hub)

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Submits a command, shows what there is, or gives it as a file."""
        return {"submit": self._submit, "state": self._state, "export": self._export}

    async def _export(self, asked: Asked) -> dict[str, JSON]:
        shown = {**await self._state(asked), "trace": trace_rows(self.recorder.read())}
        if asked.choice("format", ("json", "markdown")) == "json":
            return {"name": "board.json", "type": "application/json", "text": as_json(shown)}
        text = as_markdown("Command to projection", shown)
        return {"name": "board.md", "type": "text/markdown", "text": text}

    async def _submit(self, asked: Asked) -> dict[str, JSON]:
        note_id, text = asked.text("noteId"), asked.text("text", "")
        if len(self._told.said) >= MOST_SHOWN:
            raise LabError(ENOUGH)
        try:
            match asked.choice("command", ("add", "edit", "remove", "type")):
                case "add":
                    await self._client.add_note(SESSION, pb.AddNote(note_id=note_id, text=text))
                case "edit":
                    await self._client.edit_note(SESSION, pb.EditNote(note_id=note_id, text=text))
                case "remove":
                    await self._client.remove_note(SESSION, pb.RemoveNote(note_id=note_id))
                case _:
                    await self._client.start_typing(SESSION, pb.StartTyping(who=note_id))
        except CommandRefusedError as error:
            raise LabError(f"The handler refused it: {error}") from error
        return await self._state(asked)

    async def _state(self, asked: Asked) -> dict[str, JSON]:
        await self._told.catch_up(self._hub, SESSION)
        session = await self._hub.session(SESSION)
        log = await log_of(self._store, SESSION)
        snapshot = await self._hub.snapshot(SESSION)
        told = self._told.of(SESSION)
        return {
            "session": {"id": session.id, "head": await self._hub.event_cursor(SESSION)},
            "events": [event_json(event) for event in log],
            "uiEvents": [ui_event_json(ordinal, event) for ordinal, event in told],
            "timeline": snapshot_json(snapshot),
            "checks": [each.as_json() for each in checks(log, told, snapshot)],
        }


def checks(
    log: Sequence[StoredEvent],
    told: Sequence[tuple[int, UIEvent[Message]]],
    snapshot: Snapshot,
) -> list[Check]:
    """Holds what a session has come to against its log."""
    ordinals = [event.ordinal for event in log]
    wrong = [f"place {n} has {one}" for n, one in enumerate(ordinals, 1) if n != one]
    board = board_of_log(e.payload for e in log if not isinstance(e, UnreadableEvent))
    shown = board_of_pages(event.payload for _, event in told)
    kept = board_of_entities(entity.payload for entity in snapshot.entities)
    return [
        check("The events have the ordinals 1, 2, 3 …", wrong, len(log), "events"),
        check("The timeline is the fold of the log", differences(board, kept), len(log), "events"),
        check(
            "What pages were told gives the same board",
            differences(board, shown),
            len(told),
            "UI events",
        ),
    ]


@final
class _Forgetful(MemoryStore):
    @override
    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> list[Event[Message]]:
        found = await super().events(session_id, after, limit)
        return [event for event in found if event.ordinal != 2]


@final
class _ForgottenEdits(StoredNotes):
    @override
    def note_edited(
        self, event: Event[pb.NoteEdited], session: Session, view: lab.LabTimelineView
    ) -> Iterable[lab.LabEntity]:
        return []


@final
class _SilentRemovals(LiveNotes):
    @override
    def note_removed(
        self, event: Event[pb.NoteRemoved], session: Session, view: lab.LabTimelineView
    ) -> Iterable[lab.LabUIEvent]:
        return []


PROJECTION: Final = Page(
    slug="projection",
    number=1,
    title="Command to projection",
    summary="Submit a command; see the events, the UI events and the timeline that come of it.",
    exercise=ProjectionExercise,
    faults={
        "forgotten-edits": "The timeline projection forgets edits: snapshots keep the old text.",
        "lost-event": "The store loses the second event.",
        "silent-removals": "The UI projection tells nobody of removals: pages keep the note.",
    },
)
