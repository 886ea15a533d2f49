"""A client that stops to read, beside one that does not."""

from __future__ import annotations

from typing import Final

from sessionstream import Observer, PipelineRecord, Record, TransportEvent, TransportRecord
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import Check, check
from systemlab.experiments.report import Report
from systemlab.experiments.socket import Client, applied, ordinal_of
from systemlab.folding import Board, board_of_log, differences
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "slow-client"
_EVENTS: Final = 400
_LIMIT: Final = 32
_UNBOUNDED: Final = 1_000_000


async def run(observer: Observer, *, is_broken: bool) -> Report:
    """Publishes while one of two clients does not read; with ``is_broken`` nothing limits it."""
    seen: list[Record] = []

    def watch(record: Record) -> None:
        if not isinstance(record, PipelineRecord):
            seen.append(record)
        observer(record)

    settings = TransportSettings(max_queued_frames=_UNBOUNDED if is_broken else _LIMIT)
    async with MemoryStore() as store:
        opening = open_board(lab_registry(), store, observers=[watch])
        async with opening as hub, Rooms(hub, settings) as rooms:
            fast, slow = Client(rooms), Client(rooms)
            for client in (fast, slow):
                client.connect()
                client.say({"subscribe": {"sessionId": SESSION}})
                await client.until(lambda frames: any("subscribed" in one for one in frames))
            slow.stop_reading()
            for number in range(1, _EVENTS + 1):
                note = pb.NoteAdded(note_id=f"n{number % 50}", text=f"text {number}")
                await hub.publish(SESSION, lab.NOTE_ADDED.name, note)
            await fast.until(lambda frames: ordinal_of(frames) >= _EVENTS)
            stood = ordinal_of(slow.frames)
            slow.go_on_reading()
            await slow.until(lambda frames: ordinal_of(frames) >= _EVENTS)
            log = await log_of(store, SESSION)
            for client in (fast, slow):
                await client.leave()
    lagging = sum(
        isinstance(one, TransportRecord) and one.event is TransportEvent.LAGGING for one in seen
    )
    report = Report(
        lines=[
            f"{_EVENTS} events were published while the slow client read nothing.",
            f"The fast client was at {_EVENTS} then, the slow one at {stood}.",
            f"The slow client was marked as lagging {lagging} times, then caught up.",
        ]
    )
    board = board_of_log(getattr(event, "payload", pb.Note()) for event in log)
    report.checks = [
        check("P4: nobody waits for a slow client", _waited(stood), _EVENTS, "events"),
        check("P4: what waits for it is bounded: it lags", _unlimited(lagging), _EVENTS, "events"),
        *(_caught_up(name, client, board) for name, client in (("fast", fast), ("slow", slow))),
    ]
    return report


def _waited(stood: int) -> list[str]:
    return [] if stood < _EVENTS else ["the slow client had read everything: it was not slow"]


def _unlimited(lagging: int) -> list[str]:
    if lagging:
        return []
    return [f"it never lagged: everything that {_EVENTS} events gave was queued in memory"]


def _caught_up(name: str, client: Client, board: Board) -> Check:
    shown, problems = applied(client.frames)
    problems += differences(board, shown)
    return check(
        f"P5 {name} client: no gap, no duplicate, the same board at the end",
        problems,
        len(client.frames),
        "frames",
    )
