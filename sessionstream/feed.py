"""Hands values to a function on a thread of its own: whoever gives them never waits."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar, Union

logger = logging.getLogger("sessionstream.observer")

T = TypeVar("T")

# After so many seconds of computing, the thread pauses for as many. Python runs one thread at a
# time, and lets one that computes go on for 5 ms: at every turn of a busy event loop it would
# wait for that long.
TURN_SECONDS: Final = 0.0002

# How many seconds a thread without work stays. A feed that is never closed leaves none behind.
IDLE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in the queue; tells when the thread has come to it."""

    loop: asyncio.AbstractEventLoop
    reached: asyncio.Future[None]

    def reach(self) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits there
            self.loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if not self.reached.done():
            self.reached.set_result(None)


class Feed(Generic[T]):
    """A bounded queue in front of a function that may be slow.

    The function receives the values one by one, in order. What finds the
    queue full is dropped until half of it has been received; then the function
    receives ``gap(count)`` where the values are missing. The thread is a
    daemon: a function that never returns keeps no process alive.

    Args:
        receive: The function; it must not raise.
        gap: Makes the value that stands for a number of dropped ones.
        limit: How many values may wait.
        name: Of the thread, and in the log.
    """

    def __init__(
        self, receive: Callable[[T], None], gap: Callable[[int], T], limit: int, name: str
    ) -> None:
        self._receive = receive
        self._gap = gap
        self._limit = limit
        self._name = name
        self._queue: SimpleQueue[Union[T, _Mark]] = SimpleQueue()
        # Guard: the thread that calls `put`.
        self._missed = 0
        self._dropped = 0
        # Guard: the lock. Without it, a value could come just when the thread ends.
        self._lock = threading.Lock()
        self._is_running = False

    @property
    def dropped(self) -> int:
        """How many values were dropped so far."""
        return self._dropped

    def put(self, value: T) -> None:
        """Queues the value, or drops it. Neither waits nor raises; for one thread."""
        limit = self._limit // 2 if self._missed else self._limit
        if self._queue.qsize() >= limit:
            if not self._missed:
                logger.warning("%s is too slow; what comes now is dropped", self._name)
            self._missed += 1
            self._dropped += 1
            return
        self._put_gap()
        self._queue.put(value)
        self._ensure_thread()

    async def flush(self, seconds: float) -> bool:
        """Waits until what was put so far has been received; False if it was not in time."""
        self._put_gap()
        loop = asyncio.get_running_loop()
        mark = _Mark(loop, loop.create_future())
        self._queue.put(mark)
        self._ensure_thread()
        try:
            async with asyncio.timeout(seconds):
                await mark.reached
        except TimeoutError:
            logger.warning("%s did not receive everything in %g s", self._name, seconds)
            return False
        return True

    def _put_gap(self) -> None:
        if self._missed:
            self._queue.put(self._gap(self._missed))
            self._missed = 0

    def _ensure_thread(self) -> None:
        with self._lock:
            if self._is_running:
                return
            thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system has no more, or Python is ending
                logger.warning("%s must wait: %s", self._name, error)
            else:
                self._is_running = True

    def _run(self) -> None:
        # Of computing: on a busy machine the wall clock goes on while the thread does not.
        begun = time.thread_time()
        while True:
            if time.thread_time() - begun >= TURN_SECONDS:
                time.sleep(TURN_SECONDS)
                begun = time.thread_time()
            try:
                value = self._queue.get(timeout=IDLE_SECONDS)
            except Empty:
                if self._ends():
                    return
            else:
                if not isinstance(value, _Mark):
                    self._receive(value)
                elif self._passes(value):
                    return

    def _passes(self, mark: _Mark) -> bool:
        """Tells that the mark is reached; returns whether the thread ends there."""
        ends = self._ends()
        mark.reach()
        return ends

    def _ends(self) -> bool:
        with self._lock:
            self._is_running = not self._queue.empty()
            return not self._is_running
