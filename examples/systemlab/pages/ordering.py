"""Page 2: which number an event gets, and who decides it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from google.protobuf.message import Message

from sessionstream import Hub, StoredEvent, StoreError, UIEvent, override
from sessionstream.hydration.sqlite import SQLiteStore
from systemlab.asking import Asked, LabError
from systemlab.board import Told, lab_registry, log_of, open_board
from systemlab.checking import JSON, Check, check
from systemlab.damaging import DELETED_ROW, GARBLED_ROW, damage
from systemlab.exercise import ENOUGH, MOST_EVENTS, Action, Exercise, Page
from systemlab.v1 import lab_pb2 as pb
from systemlab.v1 import lab_sessionstream as lab

SESSIONS: Final = ("left", "right")
_SHOWN: Final = 40
# What is done to the file during a restart.
DAMAGES: Final = {"deleted-row": DELETED_ROW, "garbled-row": GARBLED_ROW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publisher knows of an event: where it was meant to go, and its ordinal there."""

    session_id: str
    publisher: str
    note_id: str
    ordinal: int


class OrderingExercise(Exercise):
    """Two sessions over one SQLite file, and publishers that compete."""

    @override
    async def open(self) -> None:
        """Opens the Hub over an empty file."""
        self._published: list[Published] = []
        self._told = _Swapped() if self.fault == "swapped-pages" else Told()
        self._restarts = 0
        self._running = AsyncExitStack()
        self.stack.push_async_callback(self._stop)
        await self._start()

    @property
    @override
    def actions(self) -> Mapping[str, Action]:
        """Publishes, restarts, or shows what there is."""
        return {"publish": self._publish, "restart": self._restart, "state": self._state}

    async def _start(self) -> None:
        registry = lab_registry()
        path = self.folder / "order.db"
        self._store = await self._running.enter_async_context(SQLiteStore.open(path, registry))
        self._hub: Hub = await self._running.enter_async_context(
            open_board(registry, self._store, observers=[self.recorder])
        )
        self._hub.add_fanout(self._told)

    async def _stop(self) -> None:
        await self._running.aclose()

    async def _publish(self, asked: Asked) -> dict[str, JSON]:
        publishers = asked.number("publishers", 4, lowest=1, highest=16)
        events = asked.number("events", 25, lowest=1, highest=200)
        if len(self._published) > MOST_EVENTS:
            raise LabError(ENOUGH)
        try:
            async with asyncio.TaskGroup() as group:
                for session_id in SESSIONS:
                    for number in range(1, publishers + 1):
                        group.create_task(self._burst(session_id, f"{session_id} {number}", events))
        except* StoreError:
            pass  # the checks say what is wrong with the file
        return await self._state(asked)

    async def _burst(self, session_id: str, publisher: str, events: int) -> None:
        before = sum(one.publisher == publisher for one in self._published)
        numbers = range(before + 1, before + events + 1)
        if self.fault != "hasty-publishers":
            for number in numbers:
                self._published.append(await self._publish_one(session_id, publisher, number))
            return
        # The mistake of one that does not wait for an answer before it sends the next: two are
        # on their way at once, and which is first is left to chance; here the second is.
        for first in numbers[::2]:
            pair = [number for number in (first + 1, first) if number in numbers]
            sending = (self._publish_one(session_id, publisher, number) for number in pair)
            self._published += reversed(await asyncio.gather(*sending))

    async def _publish_one(self, session_id: str, publisher: str, number: int) -> Published:
        note_id = f"{publisher}.{number}"
        # The mistake of an application that keeps "the current session" in one variable.
        strays = self.fault == "stray-events" and number % 10 == 0
        goes_to = SESSIONS[session_id == SESSIONS[0]] if strays else session_id
        note = pb.NoteAdded(note_id=note_id, text=session_id)
        event = await self._hub.publish(goes_to, lab.NOTE_ADDED.name, note)
        return Published(
            session_id=session_id, publisher=publisher, note_id=note_id, ordinal=event.ordinal
        )

    async def _restart(self, asked: Asked) -> dict[str, JSON]:
        await self._stop()
        if self.fault in DAMAGES:
            path = self.folder / "order.db"
            await asyncio.to_thread(damage, path, DAMAGES[self.fault], SESSIONS[0])
        self._restarts += 1
        await self._start()
        return await self._state(asked)

    async def _state(self, asked: Asked) -> dict[str, JSON]:
        logs, unreadable = dict[str, list[StoredEvent]](), list[str]()
        for session_id in SESSIONS:
            try:
                logs[session_id] = await log_of(self._store, session_id)
                await self._told.catch_up(self._hub, session_id)
            except StoreError as error:
                unreadable.append(f"{session_id}: {error}")
        told = {session_id: self._told.of(session_id) for session_id in SESSIONS}
        newest: list[JSON] = [
            [one.session_id, one.publisher, one.note_id, one.ordinal]
            for one in reversed(self._published[-_SHOWN:])
        ]
        return {
            "restarts": self._restarts,
            "heads": {session_id: len(log) for session_id, log in logs.items()},
            "published": len(self._published),
            "newest": newest,
            "checks": [each.as_json() for each in checks(self._published, logs, told, unreadable)],
        }


def checks(
    published: Sequence[Published],
    logs: Mapping[str, Sequence[StoredEvent]],
    told: Mapping[str, Sequence[tuple[int, UIEvent[Message]]]],
    unreadable: Sequence[str] = (),
) -> list[Check]:
    """Holds the logs against what the publishers were answered."""
    stored = sum(len(log) for log in logs.values())
    return [
        check("Every log can be read", list(unreadable), stored, "events"),
        check("Dense: 1, 2, 3 … without a gap", list(_gaps(logs)), stored, "stored events"),
        check(
            "Monotonic: each publisher's events rise",
            _falls(published),
            len(published),
            "answers of publish",
        ),
        check(
            "What publish answered is what the log says",
            _contradictions(published, logs),
            len(published),
            "answers of publish",
        ),
        check("Isolated: a session has only its own", _strays(logs), stored, "stored events"),
        check(
            "Pages are told all of it, in the order of the log",
            [*_disorder(told), *_untold(logs, told)],
            sum(len(each) for each in told.values()),
            "UI events",
        ),
    ]


def _gaps(logs: Mapping[str, Sequence[StoredEvent]]) -> list[str]:
    return [
        f"{session_id}: place {place} of the log has ordinal {event.ordinal}"
        for session_id, log in logs.items()
        for place, event in enumerate(log, 1)
        if event.ordinal != place
    ][:1]


def _falls(published: Sequence[Published]) -> list[str]:
    last, problems = dict[str, int](), list[str]()
    for one in published:
        before = last.get(one.publisher, 0)
        if one.ordinal <= before:
            problems.append(f"{one.publisher} was answered {one.ordinal} after {before}")
        last[one.publisher] = one.ordinal
    return problems


def _contradictions(
    published: Sequence[Published], logs: Mapping[str, Sequence[StoredEvent]]
) -> list[str]:
    places = {
        (session_id, note_id): event.ordinal
        for session_id, log in logs.items()
        for event in log
        for note_id in [_note_of(event).note_id]
    }
    return [
        f"{one.note_id} was answered {one.ordinal}, the log of {one.session_id} has it"
        f" {'nowhere' if found is None else f'at {found}'}"
        for one in published
        if (found := places.get((one.session_id, one.note_id))) != one.ordinal
    ]


def _strays(logs: Mapping[str, Sequence[StoredEvent]]) -> list[str]:
    return [
        f"{session_id} has {_note_of(event).note_id!r} at {event.ordinal}"
        for session_id, log in logs.items()
        for event in log
        if _note_of(event).text != session_id
    ]


def _disorder(told: Mapping[str, Sequence[tuple[int, UIEvent[Message]]]]) -> list[str]:
    return [
        f"{session_id}: {after} was told before {before}"
        for session_id, batches in told.items()
        for (after, _), (before, _) in pairwise(batches)
        if before < after
    ]


def _untold(
    logs: Mapping[str, Sequence[StoredEvent]],
    told: Mapping[str, Sequence[tuple[int, UIEvent[Message]]]],
) -> list[str]:
    return [
        f"{session_id}: {event.ordinal} was told to nobody"
        for session_id, log in logs.items()
        for ordinals in [{ordinal for ordinal, _ in told[session_id]}]
        for event in log
        if event.ordinal not in ordinals
    ]


def _note_of(event: StoredEvent) -> pb.NoteAdded:
    payload = getattr(event, "payload", None)
    return payload if isinstance(payload, pb.NoteAdded) else pb.NoteAdded()


class _Swapped(Told):
    """A fan-out with a mistake: of every ten batches it passes two on in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self._held: tuple[str, int, Sequence[UIEvent[Message]]] | None = None

    @override
    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        held, self._held = self._held, None
        if held is None and ordinal % 10 == 4:
            self._held = (session_id, ordinal, events)
            return
        await super().publish_ui(session_id, ordinal, events)
        if held is not None:
            await super().publish_ui(*held)


ORDERING: Final = Page(
    slug="ordering",
    number=2,
    title="Order and ordinals",
    summary="Two sessions, publishers that compete, a restart: who gets which number?",
    exercise=OrderingExercise,
    faults={
        "deleted-row": "At the next restart somebody deletes the third event from the file.",
        "garbled-row": "At the next restart the file is damaged: a name is no text any more.",
        "hasty-publishers": "A publisher sends two events at once, the later one first.",
        "stray-events": "Every tenth event is published into the other session.",
        "swapped-pages": "A fan-out passes some batches on in the wrong order.",
    },
)
