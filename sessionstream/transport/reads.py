"""Reads of sessions that connections share.

When a server comes back, hundreds of clients ask for the same session at once.
One that asks while nobody's read of the same thing is under way starts one;
all who ask while one is under way share the next. So a read that is shared has
always begun after everybody who gets it has entered the session's room, and
what happened before it is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from sessionstream.transport.shared import Page, SharedBatch, SharedSnapshot
from sessionstream.transport.shared_batches import SharedBatches
from sessionstream.transport.source import SessionSource
from sessionstream.types import Position, UIBatch

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class _Read(Generic[T]):
    def __init__(self) -> None:
        self.task: asyncio.Task[T] | None = None
        self.has_begun = False
        self.waiters = 0


class Joined(Generic[K, T]):
    """Calls of one function that are shared by whoever asks for the same key."""

    def __init__(self, read: Callable[[K], Awaitable[T]]) -> None:
        self._read = read
        # The last read of each key. Guarded by the event loop.
        self._last: dict[K, _Read[T]] = {}

    async def get(self, key: K) -> T:
        """Returns what a call gives that begins after this one.

        Raises what the function raises. A call that nobody waits for any more
        is cancelled.
        """
        read = self._last.get(key)
        if read is None or read.has_begun:
            read = self._start(key, read)
        assert read.task is not None
        read.waiters += 1
        try:
            return await asyncio.shield(read.task)
        finally:
            read.waiters -= 1
            if not read.waiters:
                read.task.cancel()
                self._forget(key, read)

    def _start(self, key: K, before: _Read[T] | None) -> _Read[T]:
        read = self._last[key] = _Read[T]()
        read.task = asyncio.get_running_loop().create_task(self._run(key, read, before))
        return read

    async def _run(self, key: K, read: _Read[T], before: _Read[T] | None) -> T:
        if before is not None and before.task is not None:
            await asyncio.wait([before.task])
        read.has_begun = True
        return await self._read(key)

    def _forget(self, key: K, read: _Read[T]) -> None:
        if self._last.get(key) is read:
            del self._last[key]


class Reads:
    """Reads a source for many connections. What it keeps is bounded by ``max_bytes``."""

    def __init__(self, source: SessionSource, max_bytes: int) -> None:
        self._source = source
        self._opened: Joined[str, SharedSnapshot] = Joined(self._open)
        self._pages: Joined[tuple[str, int], Page] = Joined(self._read)
        self._positions: Joined[str, Position] = Joined(source.position)
        self._batches = SharedBatches(max_bytes)

    async def opened(self, session_id: str) -> SharedSnapshot:
        """Returns a session's timeline and position."""
        return await self._opened.get(session_id)

    async def history(self, session_id: str, after: int) -> Page:
        """Returns UI events after an ordinal."""
        return await self._pages.get((session_id, after))

    async def position(self, session_id: str) -> Position:
        """Returns a session's position."""
        return await self._positions.get(session_id)

    def share(self, batch: UIBatch) -> SharedBatch:
        """Returns the batch with its frames; the same for the same one, while it is kept."""
        return self._batches.share(batch)

    def forget(self, session_id: str) -> None:
        """Drops what is kept of a session, which is another now."""
        self._batches.forget(session_id)

    async def _open(self, session_id: str) -> SharedSnapshot:
        return SharedSnapshot(await self._source.opened(session_id))

    async def _read(self, key: tuple[str, int]) -> Page:
        session_id, after = key
        history = await self._source.history(session_id, after)
        return Page(
            position=history.position,
            batches=tuple(map(self.share, history.batches)),
            reaches_back=history.reaches_back,
            unreadable=history.unreadable,
        )
