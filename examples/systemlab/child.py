"""A runtime in a process of its own, so that it can be killed for real.

Usage: python -m systemlab.child sqlite|memory FILE FAULT

It reads commands from its standard input and writes what happens to its standard
output, both as lines of JSON. It ends when its input ends, and so with its parent.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from base64 import b64encode
from collections.abc import Iterable
from typing import Final, final

from sessionstream import Event, Hub, HydrationStore, Record, Session, override
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import JSON
from systemlab.folding import board_of_entities, board_of_log
from systemlab.notes import StoredNotes
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

EARLY: Final = "early-answers"
"""The fault of an application that answers its client before `publish` has returned."""


IMPURE: Final = "impure-projection"
"""The fault of a timeline projection that gives something else each time."""

SAME_EPOCH: Final = "same-epoch"
"""The fault of a server over memory that calls every life of the session alike."""


@final
class _Impure(StoredNotes):
    @override
    def note_added(
        self, event: Event[pb.NoteAdded], session: Session, view: lab.LabTimelineView
    ) -> Iterable[lab.LabEntity]:
        text = f"{event.payload.text} of {os.getpid()}"  # noqa: SV201 it is the fault
        yield lab.LabEntities.note(pb.Note(note_id=event.payload.note_id, text=text))


class Child:
    """What the process does with its Hub."""

    def __init__(self, hub: Hub, store: HydrationStore, session_id: str, fault: str) -> None:
        self._hub = hub
        self._store = store
        self._session_id = session_id
        self._is_early = fault == EARLY
        self._is_nameless = fault == SAME_EPOCH and isinstance(store, MemoryStore)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Does what the lines of the input ask for, until that ends."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        _tell({"ready": True})
        while line := await reader.readline():
            asked = json.loads(line)
            if asked["do"] == "publish":
                # A task: a kill is to come in the middle of it.
                self._start(asked["first"], asked["events"])
            else:
                await self._tell_state()

    def _start(self, first: int, events: int) -> None:
        task = asyncio.create_task(self._publish(first, events))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, first: int, events: int) -> None:
        head = await self._hub.event_cursor(self._session_id)
        async with asyncio.TaskGroup() as late:
            for number in range(first, first + events):
                note = pb.NoteAdded(note_id=f"n{number}", text=f"note {number}")
                publishing = self._hub.publish(self._session_id, lab.NOTE_ADDED.name, note)
                if self._is_early:
                    head += 1
                    _tell({"answered": head, "note": note.note_id})
                    late.create_task(publishing)
                else:
                    event = await publishing
                    _tell({"answered": event.ordinal, "note": note.note_id})
                await asyncio.sleep(0)
        _tell({"done": True})

    async def _tell_state(self) -> None:
        snapshot = await self._hub.snapshot(self._session_id)
        log = await log_of(self._store, self._session_id)
        position = await self._hub.position(self._session_id)
        payloads = [event.payload for event in log if hasattr(event, "payload")]
        notes: dict[str, JSON] = {
            payload.note_id: event.ordinal
            for event in log
            for payload in [getattr(event, "payload", None)]
            if isinstance(payload, pb.NoteAdded)
        }
        kept = board_of_entities(entity.payload for entity in snapshot.entities)
        _tell(
            {
                "state": {
                    "epoch": "always-the-same" if self._is_nameless else position.epoch,
                    "head": position.head,
                    "events": len(log),
                    "ordinals": [event.ordinal for event in log],
                    "notes": notes,
                    "timeline": snapshot.snapshot_ordinal,
                    "entities": len(snapshot.entities),
                    "isFold": kept == board_of_log(payloads),
                    "errors": len(await self._hub.errors(self._session_id)),
                }
            }
        )


async def main(kind: str, path: str, fault: str) -> None:
    """Runs until the input ends. The session is named after the kind of the store."""
    registry = lab_registry()
    opening = MemoryStore() if kind == "memory" else SQLiteStore.open(path, registry)
    timeline = _Impure() if fault == IMPURE else None
    async with (
        opening as store,
        open_board(registry, store, observers=[_tell_record], timeline=timeline) as hub,
    ):
        await Child(hub, store, kind, fault).run()


def _tell_record(record: Record) -> None:
    _tell({"record": b64encode(pickle.dumps(record)).decode()})


def _tell(line: dict[str, JSON]) -> None:
    # One write a line: what was told before a kill has arrived, whole.
    os.write(1, f"{json.dumps(line)}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
