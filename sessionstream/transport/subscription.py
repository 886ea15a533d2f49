"""One subscription of one connection: what becomes of a batch of UI events.

A subscription is registered before its snapshot is loaded, so that no batch
falls between the two. Until the snapshot is there, batches are held; then the
snapshot goes out, the held batches above its ordinal follow, and from there on
batches pass as they come. The one variable that decides is the *cursor*: the
ordinal up to which everything has been held, sent, or is in the snapshot. It
only grows, so ordinals never go backwards and nothing is sent twice; a batch
that is fanned out late although the snapshot has it already is just old.

    state     a batch is   ephemeral   old    new
    LOADING                drop        drop   hold
    LIVE                   send        drop   send

A batch is *ephemeral* when its ordinal is 0, *old* when its ordinal is at or
below the cursor, else *new*. An ephemeral one is never held: it has no place
in the order, and what it shows is over when the snapshot arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from sessionstream.transport.frames import UIBatch


class State(Enum):
    """Whether the snapshot is there."""

    LOADING = auto()
    LIVE = auto()


class Age(Enum):
    """A batch in relation to the cursor."""

    EPHEMERAL = auto()
    OLD = auto()
    NEW = auto()


class Fate(Enum):
    """What becomes of a batch."""

    SEND = auto()
    HOLD = auto()
    DROP = auto()


FATES: Final[Mapping[tuple[State, Age], Fate]] = {
    (State.LOADING, Age.EPHEMERAL): Fate.DROP,
    (State.LOADING, Age.OLD): Fate.DROP,
    (State.LOADING, Age.NEW): Fate.HOLD,
    (State.LIVE, Age.EPHEMERAL): Fate.SEND,
    (State.LIVE, Age.OLD): Fate.DROP,
    (State.LIVE, Age.NEW): Fate.SEND,
}


class Subscription:
    """Decides about the batches of one session on one connection.

    It lives from one subscribe to the next: subscribing again makes another
    one with another ``generation``, so that a snapshot which was loaded for
    the old one is recognised and ignored.
    """

    def __init__(self, session_id: str, since_snapshot_ordinal: int, generation: int) -> None:
        self.session_id = session_id
        self.since_snapshot_ordinal = since_snapshot_ordinal
        self.generation = generation
        self.state = State.LOADING
        self.held_frames = 0
        self.held_bytes = 0
        self._cursor = 0
        self._held: list[UIBatch] = []

    def offer(self, batch: UIBatch) -> Fate:
        """Takes a batch; with `Fate.SEND` it is to be sent now."""
        age = self._age(batch.ordinal)
        fate = FATES[self.state, age]
        if fate is Fate.HOLD:
            self._held.append(batch)
            self.held_frames += len(batch.frames)
            self.held_bytes += batch.size
        if age is Age.NEW:
            self._cursor = batch.ordinal
        return fate

    def go_live(self, snapshot_ordinal: int) -> tuple[UIBatch, ...]:
        """Takes the snapshot's ordinal; returns the held batches that follow it, in order."""
        following = tuple(batch for batch in self._held if batch.ordinal > snapshot_ordinal)
        self.state = State.LIVE
        self.held_frames = self.held_bytes = 0
        self._held.clear()
        self._cursor = max(self._cursor, snapshot_ordinal)
        return following

    def _age(self, ordinal: int) -> Age:
        if ordinal == 0:
            return Age.EPHEMERAL
        return Age.NEW if ordinal > self._cursor else Age.OLD
