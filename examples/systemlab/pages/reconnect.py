"""Page 3: what a page gets when it comes, and when it comes back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sessionstream import Retention, override
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from systemlab.asking import Asked, LabError
from systemlab.board import lab_registry, open_board
from systemlab.checking import JSON, Check, check
from systemlab.exercise import ENOUGH, MOST_EVENTS, Action, Exercise, Page
from systemlab.folding import Board, board_of_entities, differences
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "board"
SHORT: Final = "short-history"
MERGES: Final = "merged-snapshots"
# The page looks a little later than this after it has published. Another tab may not.
_ON_ITS_WAY_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a client on the page says of itself.

    ``base`` is the ordinal of the last snapshot that it applied; ``applied`` are those of
    the UI events since. ``early`` are UI events that it was shown before its first snapshot.
    """

    name: str
    is_live: bool
    base: int
    applied: tuple[int, ...]
    early: int
    board: Board

    @property
    def at(self) -> int:
        """The ordinal that it has come to."""
        return max((self.base, *self.applied))


class ReconnectExercise(Exercise):
    """A board that real clients of the browser follow."""

    @override
    async def open(self) -> None:
        """Opens the Hub and the rooms that the page's WebSockets reach."""
        registry = lab_registry()
        batches = 3 if self.fault in (SHORT, MERGES) else 1000
        opening = SQLiteStore.open(
            self.folder / "board.db", registry, retention=Retention(ui_batches=batches)
        )
        store = await self.stack.enter_async_context(opening)
        board = open_board(registry, store, observers=[self.recorder])
        self._hub = await self.stack.enter_async_context(board)
        settings = TransportSettings(drain_seconds=0)
        self.rooms = await self.stack.enter_async_context(Rooms(self._hub, settings))
        self._published = 0
        self._published_at = 0.0
        self._notes: deque[str] = deque()

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Publishes, or holds what the clients have seen against the Hub."""
        return {"publish": self._publish, "check": self._check}

    async def _publish(self, asked: Asked) -> dict[str, JSON]:
        events = asked.number("events", 5, lowest=1, highest=100)
        if self._published + events > MOST_EVENTS:
            raise LabError(ENOUGH)
        for _ in range(events):
            self._published += 1
            await self._publish_one(self._published)
            self._published_at = time.monotonic()
        return {"head": await self._hub.event_cursor(SESSION)}

    async def _publish_one(self, number: int) -> None:
        # Notes come, change and go, so that a page that missed something shows it.
        if number % 3 == 0 and len(self._notes) > 2:
            removed = pb.NoteRemoved(note_id=self._notes.popleft())
            await self._hub.publish(SESSION, lab.NOTE_REMOVED.name, removed)
        elif number % 3 == 2:
            edited = pb.NoteEdited(note_id=self._notes[-1], text=f"changed by {number}")
            await self._hub.publish(SESSION, lab.NOTE_EDITED.name, edited)
        else:
            self._notes.append(f"n{number}")
            note = pb.NoteAdded(note_id=f"n{number}", text=f"text {number}")
            await self._hub.publish(SESSION, lab.NOTE_ADDED.name, note)

    async def _check(self, asked: Asked) -> dict[str, JSON]:
        seen = [_seen(client) for client in asked.objects("clients", most=2)]
        head = await self._hub.event_cursor(SESSION)
        history = await self._hub.history(SESSION, 0, limit=100_000)
        found: list[Check] = []
        for client in seen:
            upto = min(head, client.at) if self._is_busy() else head
            board = board_of_entities(
                entity.payload
                for entity in (await self._hub.snapshot(SESSION, as_of=upto)).entities
            )
            ordinals = [batch.ordinal for batch in history.batches if batch.ordinal <= upto]
            found += checks(client, ordinals, board)
        return {
            "head": head,
            "kept": len(history.batches),
            "checks": [each.as_json() for each in found],
        }

    def _is_busy(self) -> bool:
        """Whether something may be on its way that a client could not have when it was asked."""
        return time.monotonic() - self._published_at < _ON_ITS_WAY_SECONDS


def checks(seen: Seen, ordinals: Sequence[int], board: Board) -> list[Check]:
    """Holds what a client has seen against the UI events that are kept, and the snapshot.

    What is not kept any more can't be held against anything: a client that was away for
    so long has a newer snapshot.
    """
    name = seen.name
    if not seen.is_live:
        away = "it is not live"
        return [
            Check(f"{name}: the snapshot comes before what is live", None, away),
            Check(f"{name}: each UI event once, in order, none missing", None, away),
            Check(f"{name}: shows what a snapshot holds", None, away),
        ]
    twice = [
        f"{after} was applied after {before}"
        for before, after in pairwise(seen.applied)
        if after <= before
    ]
    applied = set(seen.applied)
    missing = [f"{one} is missing" for one in ordinals if one > seen.base and one not in applied]
    early = [f"{seen.early} UI events came before the first snapshot"] if seen.early else []
    looked_at = len(seen.applied) + (seen.base > 0)
    return [
        check(f"{name}: the snapshot comes before what is live", early, looked_at, "updates"),
        check(
            f"{name}: each UI event once, in order, none missing",
            [*twice, *missing],
            looked_at,
            "updates",
        ),
        check(
            f"{name}: shows what a snapshot holds",
            differences(board, seen.board),
            looked_at,
            "updates",
        ),
    ]


def _seen(client: Mapping[str, JSON]) -> Seen:
    match client:
        case {
            "name": str(name),
            "live": bool(is_live),
            "base": int(base),
            "early": int(early),
            "applied": list(applied),
            "board": dict(board),
        } if all(map(_is_count, (base, early, *applied))):
            return Seen(
                name=name[:20],
                is_live=is_live,
                base=base,
                early=early,
                applied=tuple(int(str(one)) for one in applied),
                board={note_id: _note(note) for note_id, note in board.items()},
            )
        case _:
            raise LabError(
                "a client must have name, live, base, early, applied and board, and its numbers"
                " must be whole and not below 0"
            )


def _is_count(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _note(note: JSON) -> tuple[str, int]:
    match note:
        case {"text": str(text), "edits": int(edits)}:
            return text, edits
        case _:
            raise LabError("a note must have a text and a number of edits")


RECONNECT: Final = Page(
    slug="reconnect",
    number=3,
    title="Hydration and reconnect",
    summary="Two clients come, leave, stall and come back: what do they get?",
    exercise=ReconnectExercise,
    faults={
        "lossy-network": "Every fifth UI event gets lost between server and page. The client"
        " sees the gap and asks again, so the checks stay green.",
        SHORT: "The server keeps the UI events of three events only. Who was away for longer"
        " gets a snapshot, so the checks stay green.",
        "applied-twice": "The page applies each update twice.",
        MERGES: "The page adds what a snapshot holds to what it had; the server keeps three"
        " events' UI events.",
    },
)
