"""What reconnecting clients ask of a session: its position, and the UI events since another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from sessionstream.arguments import check_whole
from sessionstream.hydration.base import HydrationStore
from sessionstream.lanes import Lane, LaneState
from sessionstream.reader import Reader, snapshot_of
from sessionstream.states import States
from sessionstream.transport.source import History, Opened
from sessionstream.types import Position, UIBatch


@dataclass(frozen=True, slots=True)
class Positions:
    """Answers from the committed state of lanes, and from the stored UI events."""

    store: HydrationStore
    states: States
    reader: Reader

    async def opened(self, lane: Lane) -> Opened:
        """Returns the timeline and the position at one moment."""
        state = await self.reader.state(lane)
        # Nothing suspends from here on, and a commit changes the state in one step.
        return Opened(
            snapshot=snapshot_of(lane.session_id, state.timeline), position=_position(state)
        )

    async def position(self, lane: Lane) -> Position:
        """Returns the position."""
        return _position(await self.states.of(lane))

    async def history(self, lane: Lane, after: int, limit: int) -> History:
        """Returns the kept UI events after an ordinal, as far as the position goes.

        The position is read first: every batch above it is delivered to the
        feeds later, so one that is stored while the store is read is left out
        here and nothing is missing. The other way round, a batch that was
        committed in between would look like a gap. A session that was deleted
        in between has another epoch in its batches; a reset is queued by then.
        """
        check_whole("after", after)
        position = await self.position(lane)
        stored = await self.store.ui_batches(lane.session_id, after, limit)
        kept = [
            batch
            for batch in stored
            if batch.epoch == position.epoch and batch.ordinal <= position.shown
        ]
        return History(
            position=position,
            batches=tuple(takewhile(lambda batch: not batch.unreadable, kept)),
            reaches_back=_reaches_back(kept, after, position),
            unreadable=kept[0].ordinal if kept and kept[0].unreadable else 0,
        )


def _position(state: LaneState) -> Position:
    return Position(epoch=state.epoch, head=state.head, shown=state.shown)


def _reaches_back(kept: Sequence[UIBatch], after: int, position: Position) -> bool:
    if not kept:
        return position.shown <= after
    return kept[0].previous_ordinal <= after and not kept[0].unreadable
