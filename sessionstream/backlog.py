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
        # Whose turn has come, and who have not run since: nobody overtakes them.
        self._passing = 0

    def enter(self, count: int) -> bool:
        """Counts events in if there is room for one; then all of them pass."""
        if self._count >= self._limit or self._waiting or self._passing:
            return False
        self._count += count
        return True

    def enter_beyond(self, count: int) -> None:
        """Counts events in, room or not: for who must not wait."""
        self._count += count

    def leave(self, count: int) -> None:
        """Counts events out, and those of whoever waited for the room in."""
        self._count -= count
        while self._waiting and self._count < self._limit:
            waiting, turn = self._waiting.popleft()
            if not turn.done():
                self._count += waiting
                self._passing += 1
                turn.set_result(None)

    async def wait(self, count: int) -> None:
        """Counts events in when it is their turn and there is room."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._passing -= 1
                self.leave(count)
            raise
        self._passing -= 1
