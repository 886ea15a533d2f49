"""What waits to be sent to one client: bounded, and filled without waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from sessionstream.transport.frames import UIBatch
from sessionstream.transport.settings import TransportSettings


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    size: int
    is_event: bool


class Outbox:
    """A queue with two kinds of content and one limit for each.

    UI events come at the pace of publishers, which never wait: when they would
    exceed the limit, `put_batch` says so and the client is too slow. Answers
    come at the pace of the client: whoever produces them first waits in
    `wait_for_room`, so that a client which asks much and reads little gets
    slow answers, and a large snapshot pushes no event out.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self._max_frames = settings.max_queued_frames
        self._max_bytes = settings.max_queued_bytes
        # Guarded by the event loop: no method suspends between two changes.
        self._waiting: deque[_Waiting] = deque()
        self._event_frames = 0
        self._event_bytes = 0
        self._answer_bytes = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._sent = asyncio.Event()
        self._sent.set()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return self._event_bytes + self._answer_bytes

    def put_batch(self, batch: UIBatch) -> bool:
        """Queues all of the batch; False, and nothing is queued, if it does not fit."""
        frames = self._event_frames + len(batch.frames)
        size = self._event_bytes + batch.size
        # A batch above the limit must pass once, or it could never be sent.
        if self._event_frames and (frames > self._max_frames or size > self._max_bytes):
            return False
        for text, frame_size in zip(batch.frames, batch.sizes, strict=True):
            self._put(_Waiting(text, frame_size, is_event=True))
        return True

    def put_answer(self, text: str) -> None:
        """Queues an answer, whatever its size."""
        self._put(_Waiting(text, len(text.encode()), is_event=False))

    async def wait_for_room(self) -> None:
        """Returns when the answers that wait are below the limit."""
        await self._room.wait()

    async def get(self) -> str:
        """Returns the next frame; waits for one. A cancelled call takes nothing.

        Whoever calls again has sent what it got before.
        """
        # `clear` may come between the wake-up and the turn of whoever waits here.
        while not self._waiting:
            self._sent.set()
            await self._filled.wait()
        taken = self._waiting.popleft()
        self._count(taken, -1)
        return taken.text

    async def wait_until_sent(self) -> None:
        """Returns when everything was sent or dropped."""
        while not self._sent.is_set():
            await self._sent.wait()

    def clear(self) -> None:
        """Drops everything that waits."""
        while self._waiting:
            self._count(self._waiting.popleft(), -1)
        self._sent.set()

    def _put(self, waiting: _Waiting) -> None:
        self._sent.clear()
        self._waiting.append(waiting)
        self._count(waiting, 1)

    def _count(self, waiting: _Waiting, sign: int) -> None:
        if waiting.is_event:
            self._event_frames += sign
            self._event_bytes += sign * waiting.size
        else:
            self._answer_bytes += sign * waiting.size
        answers = len(self._waiting) - self._event_frames
        _set(self._filled, bool(self._waiting))
        _set(self._room, answers < self._max_frames and self._answer_bytes < self._max_bytes)


def _set(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()
