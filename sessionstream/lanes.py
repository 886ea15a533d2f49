"""One lane per session: what is accepted, in which order, and on which state.

A lane holds a session's state at three ages. ``state`` is committed and the
only one that readers see. ``sealed`` lies on it: the draft whose commit is
being written. ``open`` lies on top: the draft that new events go to, which is
the next to be sealed. Lanes of different sessions are independent.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from google.protobuf.message import Message

from sessionstream.drafts import Draft
from sessionstream.hydration.base import Passed
from sessionstream.timeline import Key, Timeline
from sessionstream.types import Session, TimelineEntity, check_session_id
from sessionstream.work import Note, Work

# What a lane is taken to need in memory beside its timeline, in bytes.
LANE_BYTES = 4096
# How many lanes a new one looks at, at most, to bring the total back to the limit. Above 1,
# so that they leave faster than they come.
EVICTION_PROBES = 4
# And how many are looked at now and then, after a burst of sessions that have become idle since.
TIDYING_PROBES = 1024


@dataclass(slots=True)
class LaneState:
    """What is committed of a session. Its events are stored; its entities may not be yet."""

    head: int
    ui_cursor: int
    timeline: Timeline
    # The name of this life of the session, and its last event that had UI events.
    epoch: str
    shown: int
    # The stored entities are the timeline as it stood at this ordinal; what changed since:
    written: int
    unwritten: dict[Key, TimelineEntity[Message]] = field(default_factory=dict)
    # The timeline as it stood at the UI cursor, while the UI projection is held back.
    ui_timeline: Timeline | None = None
    # Whether the timeline is to be folded anew before it is read or changed: the stored one
    # can't be read as a whole, or a projection was added since. Where folding fails, what could
    # be read goes on.
    outdated: bool = False
    # What a projection that was behind has run through, where no commit has told the store yet.
    passed: list[Passed] = field(default_factory=list)
    # The names of what made the timeline, and of what made the stored one.
    projections: tuple[str, ...] = ()
    stored_projections: tuple[str, ...] | None = None

    @property
    def held_back(self) -> bool:
        """Whether the timeline is behind the log."""
        return self.timeline.ordinal < self.head

    @property
    def trails(self) -> bool:
        """Whether the stored entities are behind the timeline."""
        return self.written < self.timeline.ordinal


class Lane:
    """A session that is in use."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        # Asking for the running one costs a system call, and publishing asks twice.
        self.loop = asyncio.get_running_loop()
        # Guard: the event loop. Written by `Lanes`.
        self.users = 0
        self.counted = 0
        # Guard: the event loop. The pipeline writes what follows, and commits move the drafts on.
        self.pending: deque[Work] = deque()
        # How many callers have left since what they wait for was last looked through.
        self.abandoned = 0
        self.working = False
        # Error records whose commit failed: the next work takes them along.
        self.notes: list[Note] = []
        self.open: Draft | None = None
        self.sealed: Draft | None = None
        # Read from the store under `loading`; then only commits change it, each in one step of
        # the event loop.
        self.state: LaneState | None = None
        self.loading = asyncio.Lock()
        # After a commit that failed: whether it was stored after all is to be looked up.
        self.in_doubt = False
        # How often events were removed: by compactions, and with the session. Written while the
        # lane does nothing else.
        self.removals = 0
        # Guard: `opening`, apart from `loading`: who only reads waits for no metadata.
        self.session: Session | None = None
        self.opening = asyncio.Lock()
        # Whether a timeline that was behind has been tried since the state was loaded, which
        # begins this anew. Guard: `catching_up`.
        self.caught_up = False
        self.catching_up = asyncio.Lock()
        # Ordinals and names of what replays for readers found unreadable, and recorded.
        self.unreadable: set[tuple[int, str]] = set()
        # Held by who folds the log beside the lane's work, or removes a part of it.
        self.folding = asyncio.Lock()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def idle(self) -> bool:
        """Whether the lane may leave memory."""
        return not (
            self.users
            or self.working
            or self.notes
            or self.open is not None
            or self.sealed is not None
            or (self.state is not None and self.state.trails)
        )

    @property
    def weight(self) -> int:
        """About how many bytes of memory the lane needs."""
        return LANE_BYTES + (0 if self.state is None else self.state.timeline.weight)

    def forget(self) -> None:
        """Drops what is known of the session, which is read from the store at its next use."""
        self.state = self.session = None
        self.in_doubt = False
        self.unreadable.clear()

    async def quiet(self) -> None:
        """Returns when nothing that was drafted waits for its commit."""
        while self.open is not None or self.sealed is not None:
            settled = self.loop.create_future()
            self._waiting.append(settled)
            await settled

    def settled(self) -> None:
        """Tells who waits that a commit has ended, or that there will be none."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


UseLane = Callable[[str], AbstractContextManager[Lane]]
"""Gives a session's lane and keeps it in memory inside the block."""


class Lanes:
    """The lanes in memory: all that are in use, and those that were used last.

    ``limit`` bounds the bytes that they are taken to need; lanes in use are
    kept beyond it.
    """

    def __init__(self, busy: Callable[[str], bool], limit: int) -> None:
        self._busy = busy
        self._limit = limit
        self._lanes: OrderedDict[str, Lane] = OrderedDict()
        self._total = 0

    @contextmanager
    def use(self, session_id: str) -> Iterator[Lane]:
        """Gives the session's one lane and keeps it in memory inside the block."""
        lane = self.enter(session_id)
        try:
            yield lane
        finally:
            self.leave(lane)

    def enter(self, session_id: str) -> Lane:
        """Returns the session's one lane and keeps it in memory until `leave`.

        Raises:
            SessionIdError: The id is unusable.
        """
        lane = self._lanes.get(session_id) if isinstance(session_id, str) else None
        if lane is None:
            lane = self._lanes[session_id] = Lane(check_session_id(session_id))
            self.weigh(lane)
            lane.users += 1
            self.evict()
            return lane
        self._lanes.move_to_end(session_id)
        lane.users += 1
        return lane

    def leave(self, lane: Lane) -> None:
        """Gives back a lane that `enter` returned."""
        lane.users -= 1
        if self._total > self._limit:
            self.evict()

    def weigh(self, lane: Lane) -> None:
        """Takes note of what the lane needs by now."""
        weight = lane.weight
        self._total += weight - lane.counted
        lane.counted = weight

    def tidy(self) -> bool:
        """Lets lanes go as `evict` does, more at a time; whether some have gone."""
        before = len(self._lanes)
        self.evict(TIDYING_PROBES)
        return len(self._lanes) < before

    def evict(self, probes: int = EVICTION_PROBES) -> None:
        """Lets some lanes go that nobody uses, while all need more than the limit."""
        # A few at a time, and those in use go to the end: flat cost with any number of lanes.
        for _ in range(probes):
            if self._total <= self._limit or not self._lanes:
                return
            session_id, lane = next(iter(self._lanes.items()))
            if lane.idle and not self._busy(session_id):
                del self._lanes[session_id]
                self._total -= lane.counted
            else:
                self._lanes.move_to_end(session_id)
