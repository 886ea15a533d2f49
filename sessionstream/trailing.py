"""Decides when entities that trail their log are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sessionstream.arguments import check_amount, check_whole
from sessionstream.lanes import Lane

# Its multiples, modulo 1, are spread evenly however many there are.
_GOLDEN_RATIO = 0.618034


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBehind:
    """How far stored entities may trail the log of their session.

    Events are always stored before a publish returns. Entities follow: an
    entity that grows with every event is not written with every event. What a
    crash leaves behind is replayed from the log before anyone reads it.

    Attributes:
        events: By how many events at most. With 0 every commit carries the
            entities that it changes.
        seconds: For how long about, while the session goes on.
        pause: After how many seconds without an event they are stored.
    """

    events: int = 256
    seconds: float = 1.0
    pause: float = 0.1

    def __post_init__(self) -> None:
        check_whole("events", self.events)
        for what in ("events", "seconds", "pause"):
            check_amount(what, getattr(self, what))


@dataclass(slots=True)
class _Watched:
    # In seconds of the event loop's clock.
    since: float
    touched: float


class Trailing:
    """The sessions whose stored entities are behind their events.

    Args:
        limits: When to write.
        write: Stores a session's entities with the next commit.
        tidy: Called at every look, when some sessions may have become idle; whether it
            is to be called again.
    """

    def __init__(
        self, limits: WriteBehind, write: Callable[[Lane], None], tidy: Callable[[], bool]
    ) -> None:
        self._limits = limits
        self._period = min(limits.pause, limits.seconds)
        self._write = write
        self._tidy = tidy
        # Guard: the event loop.
        self._watched: dict[Lane, _Watched] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._head_start = 1 - _GOLDEN_RATIO
        self._closed = False

    def watch(self, lane: Lane) -> None:
        """Takes note of a session that was committed to without its entities."""
        loop = lane.loop
        now = loop.time()
        watched = self._watched.get(lane)
        if watched is None:
            self._watched[lane] = _Watched(now - self._next_head_start(), now)
            if self._timer is None and not self._closed:
                self._timer = loop.call_later(self._period, self._look)
        else:
            watched.touched = now

    def write_all(self) -> None:
        """Stores what is behind, at once."""
        for lane in list(self._watched):
            self._write(lane)

    def close(self) -> None:
        """Ends the watch."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _next_head_start(self) -> float:
        # Sessions that began together would be written together, over and over.
        self._head_start = (self._head_start + _GOLDEN_RATIO) % 1.0
        return self._head_start * self._limits.seconds

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for lane, watched in list(self._watched.items()):
            if lane.state is None or not lane.state.trails:
                del self._watched[lane]
            elif self._is_due(watched, now):
                # Where the commit fails, the next attempt is one period later.
                watched.since = watched.touched = now
                self._write(lane)
        again = self._tidy() or bool(self._watched)
        self._timer = loop.call_later(self._period, self._look) if again else None

    def _is_due(self, watched: _Watched, now: float) -> bool:
        limits = self._limits
        return now - watched.touched >= limits.pause or now - watched.since >= limits.seconds
