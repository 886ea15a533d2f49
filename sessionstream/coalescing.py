"""Fewer events for what comes in small pieces, as tokens do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from sessionstream.arguments import check_amount, check_callable
from sessionstream.closing import AsyncClosing
from sessionstream.errors import ProjectionError, SessionStreamError

T = TypeVar("T")


class Timer(Protocol):
    """What `asyncio.loop.call_later` returns."""

    def cancel(self) -> None:
        """Stops it."""


Later = Callable[[float, Callable[[], None]], Timer]
"""Calls a function after so many seconds."""


class Coalescer(AsyncClosing, Generic[T]):
    """Merges the deltas of a window of time and publishes them as one.

    What is published is, in whole and in order, what was added: only the
    number of events is smaller. For a handler that streams an answer::

        def joined(first: pb.TokensDelta, second: pb.TokensDelta) -> pb.TokensDelta:
            return pb.TokensDelta(message_id=first.message_id, chunk=first.chunk + second.chunk)

        async with Coalescer(publisher.publish, joined) as tokens:
            async for chunk in answer:
                tokens.add(pb.TokensDelta(message_id=message_id, chunk=chunk))
        await publisher.publish(pb.AnswerFinished(message_id=message_id))

    The first delta opens a window; at its end all that came is published. One
    publication runs at a time; what comes meanwhile is merged for the next.
    Leaving the block publishes the rest, also when it is left by an error or
    because its task was cancelled.

    A publication that fails loses nothing: its delta is merged with what
    follows and tried again at the end of the next window, or at the end. After
    a `ProjectionError`, the event is stored, and is not published again.

    Args:
        publish: Publishes a delta; a later call begins when the one before has ended.
        merge: Returns one delta for two that follow each other. It must not change them.
        milliseconds: How long a window lasts.
        later: Runs a function later; the event loop's clock if not given.
    """

    def __init__(
        self,
        publish: Callable[[T], Awaitable[object]],
        merge: Callable[[T, T], T],
        *,
        milliseconds: float = 50.0,
        later: Later | None = None,
    ) -> None:
        check_callable("publish", publish)
        check_callable("merge", merge)
        check_amount("milliseconds", milliseconds)
        self._publish = publish
        self._merge = merge
        self._window = milliseconds / 1000
        self._later = later
        # Guard: the event loop. None or one delta that is not published yet.
        self._waiting: list[T] = []
        self._timer: Timer | None = None
        self._error: Exception | None = None
        self._closed = False
        self._publishing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, delta: T) -> None:
        """Takes a delta in; does not suspend.

        Raises:
            SessionStreamError: It is closed.
            Exception: What an earlier publication raised, once. This delta is
                not taken in.
        """
        if self._closed:
            raise SessionStreamError("nothing can be added to a coalescer that is closed")
        self._raise_earlier()
        self._waiting = [self._merge(before, delta) for before in self._waiting] or [delta]
        if self._timer is None:
            later = self._later or asyncio.get_running_loop().call_later
            self._timer = later(self._window, self._window_ends)

    async def flush(self) -> None:
        """Returns when all that was added is published. Cancelling the call does not stop that.

        Raises:
            Exception: What the publication raised; see the class for what becomes of the delta.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await asyncio.shield(self._start())
        self._raise_earlier()

    async def aclose(self) -> None:
        """Publishes the rest and takes no more; may be called again, where that failed.

        Raises:
            Exception: As `flush`.
        """
        self._closed = True
        await self.flush()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.aclose()
        except Exception as error:
            if exc is None:
                raise
            exc.add_note(f"The last deltas were not published: {type(error).__name__}: {error}")

    def _window_ends(self) -> None:
        self._timer = None
        _ = self._start()  # kept, and tells its error itself

    def _start(self) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._publish_waiting())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _publish_waiting(self) -> None:
        async with self._publishing:
            if not self._waiting:
                return
            delta = self._waiting.pop()
            try:
                await self._publish(delta)
            except ProjectionError as error:
                self._error = error
            except Exception as error:  # told with the next call
                self._waiting = [self._merge(delta, after) for after in self._waiting] or [delta]
                self._error = error
            else:
                if not isinstance(self._error, ProjectionError):
                    self._error = None  # what failed before was in this one

    def _raise_earlier(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
