"""Folding a stored log beside the work of its lane, which may remove events meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.basis import Base
from sessionstream.follower import Follower
from sessionstream.lanes import Lane
from sessionstream.sessions import Sessions
from sessionstream.types import Session


@dataclass(frozen=True, slots=True)
class Start:
    """What a log is folded onto, and whether it is still the same log."""

    lane: Lane
    session: Session
    base: Base
    removals: int

    @property
    def is_stale(self) -> bool:
        """Whether events may have been removed since: what was folded may be of two logs."""
        return self.lane.removals != self.removals


async def start_of_log(lane: Lane, follower: Follower, sessions: Sessions) -> Start:
    """Returns where a fold of the session's log starts; never while events are removed."""
    sessions.refuse_its_own_factory(lane)
    session = await sessions.open(lane)
    async with lane.loading:
        return Start(lane, session, await follower.base(lane.session_id), lane.removals)
