"""One lane per session: what is accepted, in which order, and on which state.

A lane is the only place that knows a session's next ordinal. Work is appended
when it is accepted, without suspending. A worker task that lives while there
is work takes what has gathered, as one batch, once the batch before it is
committed. Lanes of different sessions run in parallel.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Union

from google.protobuf.message import Message

from sessionstream.errors import HubClosedError, SessionStreamError
from sessionstream.hydration.base import Cursors
from sessionstream.observer import ErrorRecord
from sessionstream.tasks import BackgroundTasks
from sessionstream.timeline import Timeline
from sessionstream.types import Event, Session

# One transaction takes at most this much of a session, so that a flood in one
# session neither holds the loop nor delays the others' commits for long.
MAX_BATCH = 256
# How many lanes a use looks at, at most, to bring their number back to the limit. Above 1,
# so that they leave faster than they come.
EVICTION_PROBES = 4


@dataclass(frozen=True, slots=True)
class Publication:
    """An event that waits for its ordinal. ``payload`` is the lane's own copy."""

    name: str
    payload: Message
    ephemeral: bool
    done: asyncio.Future[Event[Message]]


@dataclass(frozen=True, slots=True)
class Repair:
    """Brings the timeline to the head of the log; ``rebuild`` begins from nothing.

    ``done`` gets the timeline's cursor.
    """

    rebuild: bool
    done: asyncio.Future[int]


@dataclass(frozen=True, slots=True)
class Note:
    """An error record to store."""

    error: ErrorRecord


Work = Union[Publication, Repair, Note]


def fail(work: Sequence[Work], error: BaseException) -> None:
    """Gives the error to whoever still waits for the work."""
    for item in work:
        if not isinstance(item, Note) and not item.done.done():
            item.done.set_exception(error)


@dataclass(slots=True)
class LaneState:
    """What is committed of a session, as the store has it."""

    cursors: Cursors
    timeline: Timeline
    # The timeline as it stood at the UI cursor, while the UI projection is held back.
    ui_timeline: Timeline | None = None


class Lane:
    """A session that is in use."""

    def __init__(
        self,
        session_id: str,
        tasks: BackgroundTasks,
        process: Callable[[Lane, list[Work]], Awaitable[None]],
    ) -> None:
        self.session_id = session_id
        self.users = 0
        self._tasks = tasks
        self._process = process
        # Guard: the event loop. Written by `accept` and the worker only.
        self._pending: deque[Work] = deque()
        self._working = False
        # Guard: `loading`. Replaced by the worker after a commit, dropped after a failed one.
        self.state: LaneState | None = None
        self.loading = asyncio.Lock()
        # Guard: `opening`, apart from `loading`: who only reads waits for no metadata.
        self.session: Session | None = None
        self.opening = asyncio.Lock()
        # Whether a timeline that was behind has been tried since the lane came into memory.
        # Guard: `catching_up`.
        self.caught_up = False
        self.catching_up = asyncio.Lock()

    @property
    def idle(self) -> bool:
        """Whether the lane may leave memory."""
        return not self.users and not self._working

    def accept(self, work: Work) -> None:
        """Takes the work; the order of calls is the order of ordinals."""
        self._pending.append(work)
        if not self._working:
            self._working = True
            self._tasks.start(self._work(), f"lane of {self.session_id}")

    async def _work(self) -> None:
        batch: list[Work] = []
        try:
            while self._pending:
                batch = [self._pending.popleft() for _ in range(min(len(self._pending), MAX_BATCH))]
                await self._process(self, batch)
        except BaseException as error:  # cancelled at shutdown, or a bug: nobody waits for ever
            fail([*batch, *self._pending], _told(error))
            self._pending.clear()
            self.state = None
            raise
        finally:
            self._working = False


def _told(error: BaseException) -> BaseException:
    """What those who wait are told about the end of the worker."""
    if not isinstance(error, asyncio.CancelledError):
        return error
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        return HubClosedError("publish")
    # Raised by what the worker called: a projection, the metadata factory, the store.
    return SessionStreamError("the work was cancelled from within; nothing of it is stored")


@dataclass(slots=True)
class Lanes:
    """The lanes in memory: all that are in use, and some that were used last.

    ``limit`` bounds how many lanes are kept; those in use are kept beyond it.
    """

    create: Callable[[str], Lane]
    busy: Callable[[str], bool]
    limit: int
    _lanes: OrderedDict[str, Lane] = field(default_factory=OrderedDict)

    @contextmanager
    def use(self, session_id: str) -> Iterator[Lane]:
        """Gives the session's one lane and keeps it in memory inside the block."""
        lane = self._lanes.get(session_id)
        if lane is None:
            lane = self._lanes[session_id] = self.create(session_id)
        self._lanes.move_to_end(session_id)
        lane.users += 1
        try:
            self._evict()
            yield lane
        finally:
            lane.users -= 1

    def _evict(self) -> None:
        # A few at a time, and those in use go to the end: flat cost with any number of lanes.
        for _ in range(EVICTION_PROBES):
            if len(self._lanes) <= self.limit:
                return
            session_id, lane = next(iter(self._lanes.items()))
            if lane.idle and not self.busy(session_id):
                del self._lanes[session_id]
            else:
                self._lanes.move_to_end(session_id)
