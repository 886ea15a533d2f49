"""What is committed of a session, read from the store where it is not in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from hashlib import blake2b

from sessionstream.errors import StoreError
from sessionstream.follower import Follower
from sessionstream.hydration.base import HydrationStore
from sessionstream.lanes import Lane, Lanes, LaneState
from sessionstream.timeline import stored_timeline

# Marks the name of a projection that made a part of a timeline, but saw none of the last events.
_GONE = "~"


class States:
    """The states of lanes; see `LaneState`."""

    def __init__(self, store: HydrationStore, follower: Follower, lanes: Lanes) -> None:
        self._store = store
        self._follower = follower
        self._lanes = lanes
        self._epochs = secrets.token_bytes(16)

    def begin_new_epochs(self) -> None:
        """Takes note that a session is about to be removed: none may get its epoch again."""
        self._epochs = secrets.token_bytes(16)

    async def of(self, lane: Lane) -> LaneState:
        """Returns the committed state, read from the store if it is not in memory.

        After a commit that failed, the store is asked whether it did so as a
        whole. While it can't answer, what is in memory holds.
        """
        async with lane.loading:
            if lane.state is not None and lane.in_doubt:
                await self._dispel(lane, lane.state)
            if lane.state is None:
                lane.state = await self._load(lane.session_id)
                lane.caught_up = lane.in_doubt = False
                self._lanes.weigh(lane)
            return lane.state

    async def _load(self, session_id: str) -> LaneState:
        cursors = await self._store.cursors(session_id)
        entities = await self._store.timeline(session_id)
        timeline, unreadable = stored_timeline(entities, cursors.timeline)
        state = LaneState(
            cursors.event,
            cursors.ui,
            timeline,
            epoch=cursors.epoch or self._new_epoch(session_id),
            shown=cursors.shown,
            written=cursors.timeline,
        )
        names = self._follower.timeline_names
        made_with = names if cursors.projections is None else cursors.projections
        added = cursors.timeline > 0 and not set(names) <= set(made_with)
        state.stored_projections = cursors.projections
        gone = all_that_made(made_with) - set(names)
        still_there = *names, *(_GONE + name for name in sorted(gone))
        state.projections = made_with if added else still_there
        state.outdated = bool(names) and (added or bool(unreadable))
        return state

    def _new_epoch(self, session_id: str) -> str:
        """Names the life of a session that is not stored yet; its first commit stores it.

        The same name each time that it is read until then: whoever watches it
        would otherwise see one session after the other.
        """
        return blake2b(session_id.encode(), key=self._epochs, digest_size=8).hexdigest()

    async def _dispel(self, lane: Lane, state: LaneState) -> None:
        try:
            stored = await self._store.cursors(lane.session_id)
        except StoreError:
            return
        same_life = stored.epoch in ("", state.epoch)  # none before the first commit
        known = state.head, state.ui_cursor, state.written, state.shown
        if same_life and (stored.event, stored.ui, stored.timeline, stored.shown) == known:
            lane.in_doubt = False
        else:
            lane.state = None


def all_that_made(projections: Iterable[str]) -> set[str]:
    """The names of the projections that made a part of a timeline, present or not."""
    return {name.removeprefix(_GONE) for name in projections}
