"""What a board must look like: worked out from what was observed, without the runtime.

The checks hold what the runtime made against it. A board is a dict: for each
note's id, its text and how often that was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from google.protobuf.message import Message

from systemlab.v1 import lab_pb2 as pb

Board: TypeAlias = dict[str, tuple[str, int]]


def board_of_log(payloads: Iterable[Message]) -> Board:
    """Returns the board that a log of events leaves."""
    board: Board = {}
    for payload in payloads:
        match payload:
            case pb.NoteAdded():
                board[payload.note_id] = (payload.text, 0)
            case pb.NoteEdited() if payload.note_id in board:
                board[payload.note_id] = (payload.text, board[payload.note_id][1] + 1)
            case pb.NoteRemoved():
                board.pop(payload.note_id, None)
            case _:
                pass
    return board


def board_of_pages(payloads: Iterable[Message]) -> Board:
    """Returns the board on a page that got these UI events and no snapshot."""
    board: Board = {}
    for payload in payloads:
        match payload:
            case pb.NoteShown():
                board[payload.note_id] = (payload.text, payload.edits)
            case pb.NoteHidden():
                board.pop(payload.note_id, None)
            case _:
                pass
    return board


def board_of_entities(payloads: Iterable[Message | None]) -> Board:
    """Returns the board that a snapshot holds."""
    notes = (payload for payload in payloads if isinstance(payload, pb.Note))
    return {note.note_id: (note.text, note.edits) for note in notes}


def differences(expected: Mapping[str, tuple[str, int]], found: Board) -> list[str]:
    """Returns a sentence for each note in which two boards differ."""
    problems = []
    for note_id in sorted(expected.keys() | found.keys()):
        one, other = expected.get(note_id), found.get(note_id)
        if one != other:
            problems.append(f"note {note_id!r}: expected {_note(one)}, found {_note(other)}")
    return problems


def _note(note: tuple[str, int] | None) -> str:
    return "none" if note is None else f"{note[0]!r}, changed {note[1]} times"
