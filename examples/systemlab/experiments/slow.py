"""A client that stops to read, beside one that does not."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from sessionstream import Hub, Observer, PipelineRecord, Record, TransportEvent, TransportRecord
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from systemlab.board import lab_registry, log_of, open_board
from systemlab.checking import Check, check
from systemlab.experiments.report import Report
from systemlab.experiments.socket import Client, Frame, applied, ordinal_of
from systemlab.folding import Board, board_of_log, differences
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSION: Final = "slow-client"
_EVENTS: Final = 400
_LIMIT: Final = 32
# How long publishing one event may take, in seconds; it takes a few thousandths.
_PATIENCE: Final = 3.0

UNBOUNDED: Final = "unbounded-queue"
WAITING: Final = "waiting-publisher"
LOSSY: Final = "forgetful-client"


async def run(observer: Observer, fault: str) -> Report:
    """Publishes while one of two clients does not read."""
    seen: list[Record] = []

    def watch(record: Record) -> None:
        if not isinstance(record, PipelineRecord):
            seen.append(record)
        observer(record)

    settings = TransportSettings(max_queued_frames=1_000_000 if fault == UNBOUNDED else _LIMIT)
    async with MemoryStore() as store:
        opening = open_board(lab_registry(), store, observers=[watch])
        async with opening as hub, Rooms(hub, settings) as rooms:
            fast, slow = Client(rooms), Client(rooms)
            for client in (fast, slow):
                client.connect()
                client.say({"subscribe": {"sessionId": SESSION}})
                await client.until(lambda frames: any("subscribed" in one for one in frames))
            slow.stop_reading()
            waiting = slow if fault == WAITING else None
            problems = await _publish(hub, waiting)
            head = await hub.event_cursor(SESSION)
            await fast.until(partial(_has, head))
            stood = ordinal_of(slow.frames)
            slow.go_on_reading()
            await slow.until(partial(_has, head))
            log = await log_of(store, SESSION)
            for client in (fast, slow):
                await client.leave()
    lagging = sum(
        isinstance(one, TransportRecord) and one.event is TransportEvent.LAGGING for one in seen
    )
    report = Report(
        lines=[
            f"Published while the slow client read nothing: {head} of {_EVENTS} events.",
            f"The fast client was at {head} then, the slow one at {stood}.",
            f"The slow client was marked as lagging {lagging} times, then caught up.",
        ]
    )
    board = board_of_log(getattr(event, "payload", pb.Note()) for event in log)
    report.checks = [
        check("P4: nobody waits for a slow client", problems, head, "events"),
        check(
            "P4: what waits for it is bounded: it lags",
            _unlimited(lagging, head),
            max(head - _LIMIT, 0),
            "events beyond the limit",
        ),
        *(
            _caught_up(name, client.frames[: -1 if fault == LOSSY else None], board)
            for name, client in (("fast", fast), ("slow", slow))
        ),
    ]
    return report


async def _publish(hub: Hub, waiting: Client | None) -> list[str]:
    """Publishes, each time until a client has it where one is given; returns what took long."""
    for number in range(1, _EVENTS + 1):
        note = pb.NoteAdded(note_id=f"n{number % 50}", text=f"text {number}")
        try:
            async with asyncio.timeout(_PATIENCE):
                await hub.publish(SESSION, lab.NOTE_ADDED.name, note)
                if waiting is not None:
                    await waiting.until(partial(_has, number))
        except TimeoutError:
            return [f"event {number} was not published within {_PATIENCE:g} s"]
    return []


def _has(ordinal: int, frames: list[Frame]) -> bool:
    return ordinal_of(frames) >= ordinal


def _unlimited(lagging: int, published: int) -> list[str]:
    if lagging or published <= _LIMIT:
        return []
    return [f"it never lagged: everything that {published} events gave was queued in memory"]


def _caught_up(name: str, frames: list[Frame], board: Board) -> Check:
    shown, problems = applied(frames)
    problems += differences(board, shown)
    return check(
        f"P5 {name} client: no gap, no duplicate, the same board at the end",
        problems,
        len(frames),
        "frames",
    )
