"""An `asyncio.Event` for things of which there are very many."""

from __future__ import annotations

import asyncio


class Flag:
    """Something that is so or not, and that tasks wait for.

    It needs next to no memory while nobody waits: an event of the library
    holds a queue from the start.
    """

    __slots__ = ("_is_set", "_waiters")

    def __init__(self, is_set: bool = False) -> None:
        self._is_set = is_set
        self._waiters: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        """Whether it is so."""
        return self._is_set

    def set(self) -> None:
        """Makes it so, and wakes those who wait."""
        self._is_set = True
        if self._waiters:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiters.clear()

    def clear(self) -> None:
        """Makes it not so."""
        self._is_set = False

    async def wait(self) -> None:
        """Returns when it is so. Cancelling ends the waiting and nothing else."""
        while not self._is_set:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._waiters:  # cancelled
                    self._waiters.remove(waiter)
