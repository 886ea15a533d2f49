"""What a connection still has to send."""

from __future__ import annotations

import asyncio
from collections import deque

from sessionstream.client import frames
from sessionstream.client.wire import Wire
from sessionstream.v1 import transport_pb2 as pb


class Outbox:
    """Frames in order, within a limit.

    Commands do not count: there are only so many without an outcome. They are
    all written by a task of their own: reading never waits for writing,
    or a client and a server that write to each other would both wait for ever.
    """

    def __init__(self, wire: Wire, dialect: frames.Dialect, limit: int) -> None:
        self._wire = wire
        self._dialect = dialect
        self._limit = limit
        self._waiting: deque[str | bytes] = deque()
        self._size = 0
        self._has_some = asyncio.Event()

    def put(self, frame: pb.ClientFrame) -> bool:
        """Queues a frame; False where that is too much: the server takes nothing."""
        data = frames.encode(frame, self._dialect)
        self._waiting.append(data)
        if not frame.HasField("command"):
            self._size += len(data)
        self._has_some.set()
        return self._size <= self._limit

    async def run(self) -> None:
        """Sends what is queued, until it is cancelled."""
        while True:
            await self._has_some.wait()
            self._has_some.clear()
            while self._waiting:
                await self._wire.send(self._waiting.popleft())
            self._size = 0
