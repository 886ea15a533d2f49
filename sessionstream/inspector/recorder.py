"""An observer that keeps the newest records, for those who look at them later or wait for more."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sessionstream.arguments import check_type
from sessionstream.observer import DropRecord, Record

DEFAULT_CAPACITY: Final = 1000


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record, and its place among all that the recorder received, from 1."""

    sequence: int
    record: Record


@dataclass(frozen=True, slots=True)
class Reading:
    """What a recorder had at one moment.

    Attributes:
        entries: What was asked for, in order.
        newest: The sequence that the next reading comes after.
        missed: How many records were forgotten that would lie before the entries.
    """

    entries: tuple[Recorded, ...]
    newest: int
    missed: int


class Recorder:
    """An `Observer` that keeps the newest records in memory.

        recorder = Recorder()
        async with Hub(registry, observers=[recorder]) as hub:
            ...
            reading = recorder.read(after=120)
            for entry in reading.entries:
                print(entry.sequence, entry.record)

    Records come on the observers' thread; everything else may be called from
    any thread, `wait` from any event loop. What no longer fits is forgotten, the
    oldest first; a `Reading` says how many a reader has missed so.

    Args:
        capacity: How many records are kept; at least 1.
    """

    def __init__(self, *, capacity: int = DEFAULT_CAPACITY) -> None:
        check_type("capacity", capacity, int)
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}; at least 1 record must fit")
        # Guard: the lock, for all that follows.
        self._lock = threading.Lock()
        self._kept: deque[Recorded] = deque(maxlen=capacity)
        self._newest = 0
        self._waiters: dict[asyncio.Future[None], asyncio.AbstractEventLoop] = {}

    @property
    def newest(self) -> int:
        """The sequence of the last record; 0 before the first."""
        return self._newest

    def __call__(self, record: Record) -> None:
        """Takes a record and wakes those who wait."""
        with self._lock:
            self._newest += 1
            self._kept.append(Recorded(self._newest, record))
            waiters, self._waiters = self._waiters, {}
        for waiter, loop in waiters.items():
            with suppress(RuntimeError):  # the loop was closed: nobody waits there
                loop.call_soon_threadsafe(_wake, waiter)

    def read(
        self, after: int = 0, *, session_id: str | None = None, limit: int | None = None
    ) -> Reading:
        """Returns what is kept with a sequence above ``after``, the oldest ``limit`` of it.

        With a session's id: its records, and those that tell of missing ones.
        """
        with self._lock:
            newest, forgotten = self._newest, self._newest - len(self._kept)
            found = tuple(islice(self._kept, max(after - forgotten, 0), None))
        if session_id is not None:
            found = tuple(entry for entry in found if _is_of(entry.record, session_id))
        if limit is not None and len(found) > limit:
            found = found[:limit]
            newest = found[-1].sequence
        return Reading(found, max(newest, after), max(forgotten - after, 0))

    async def wait(self, after: int) -> None:
        """Returns as soon as there is a record above ``after``."""
        loop = asyncio.get_running_loop()
        while True:
            waiter: asyncio.Future[None] = loop.create_future()
            with self._lock:
                if self._newest > after:
                    return
                self._waiters[waiter] = loop
            try:
                await waiter
            finally:
                with self._lock:
                    self._waiters.pop(waiter, None)


def _is_of(record: Record, session_id: str) -> bool:
    return isinstance(record, DropRecord) or record.session_id == session_id


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
