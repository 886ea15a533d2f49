"""The tasks of one connection, which live as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeAlias, TypeVar

Work: TypeAlias = Callable[[], Coroutine[object, object, None]]
E = TypeVar("E")


class ConnectionTasks:
    """Runs the connection's tasks until it ends; one that fails ends it.

    Args:
        hung_up: Called where the network is gone, or the connection is cancelled.
        failed: Called within an ``except`` clause, with what to write to the log.
    """

    def __init__(self, hung_up: Callable[[], None], failed: Callable[[str], None]) -> None:
        self._hung_up = hung_up
        self._failed = failed
        self._group = asyncio.TaskGroup()
        # Guarded by the event loop.
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, begin: Callable[[], None], end: asyncio.Future[E]) -> E:
        """Begins, unless the end is there already; returns the end once every task is over."""
        async with self._group:
            if not end.done():
                begin()
            try:
                result = await asyncio.shield(end)  # it has to be set after a cancel too
            except asyncio.CancelledError:
                self._hung_up()  # the group starts no tasks from here on
                raise
            for task in self._running:
                task.cancel()
        return result

    def start(self, work: Work) -> asyncio.Task[None]:
        """Starts a task; only while `run` is under way."""
        task = self._group.create_task(self._guard(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _guard(self, work: Work) -> None:
        try:
            await work()
        except OSError:
            self._hung_up()
        except Exception:  # a border: this connection ends, with a code and no text of it
            self._failed("the connection failed")
