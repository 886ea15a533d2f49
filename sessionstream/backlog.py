"""How many events may wait for their commit, and who waits for room among them."""

from __future__ import annotations

import asyncio
from collections import deque


class Backlog:
    """Counts uncommitted events. Publishers wait, first come first served, while it is full."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Guard: the event loop.
        self._count = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def enter(self, count: int) -> None:
        """Counts events in, at once or when there is room.

        More events than the limit are let in together, where there is any room.
        """
        if self._count < self._limit and not self._waiting:
            self._count += count
        else:
            await self._wait(count)

    def leave(self, count: int) -> None:
        """Counts events out, and those of whoever waited for the room in."""
        self._count -= count
        while self._waiting and self._count < self._limit:
            waiting, turn = self._waiting.popleft()
            if not turn.done():
                self._count += waiting
                turn.set_result(None)

    async def _wait(self, count: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave(count)
            raise
