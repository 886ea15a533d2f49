"""What becomes of a batch of UI events that a subscription is offered.

A batch is

    ephemeral   its ordinal is 0
    foreign     it is of another epoch than the subscription
    old         its ordinal is at or below the subscription's cursor
    next        nothing lies between the cursor and it
    far         something does: the ordinal before it is above the cursor

    state     ephemeral   foreign   old    next   far
    ASKED     drop        drop      drop   drop   drop      may it see the session?
    LOADING   drop        hold      hold   hold   hold      something is being read
    LIVE      send        reload    drop   send   fill
    LAGGING   drop        drop      drop   drop   drop      its queue was dropped

What *fill* and *reload* are stands in subscription.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import Final

from sessionstream.transport.shared import SharedBatch


class State(StrEnum):
    """What a subscription is waiting for: its permission, what is read, news, or its client.

    One that is LAGGING has lost what waited for it, and is caught up when its client reads.
    """

    ASKED = "asked"
    LOADING = "loading"
    LIVE = "live"
    LAGGING = "lagging"


class Kind(Enum):
    """A batch in relation to the cursor."""

    EPHEMERAL = auto()
    FOREIGN = auto()
    OLD = auto()
    NEXT = auto()
    FAR = auto()


def kind_of(batch: SharedBatch, epoch: str, cursor: int) -> Kind:
    """Returns what a batch is for a subscription with this epoch and cursor."""
    if batch.ordinal == 0:
        return Kind.EPHEMERAL
    if batch.epoch != epoch:
        return Kind.FOREIGN
    if batch.ordinal <= cursor:
        return Kind.OLD
    return Kind.FAR if batch.previous_ordinal > cursor else Kind.NEXT


class Fate(Enum):
    """What becomes of a batch."""

    SEND = auto()
    HOLD = auto()
    DROP = auto()
    FILL = auto()
    RELOAD = auto()


_DROP_ALL: Final = dict.fromkeys(Kind, Fate.DROP)
FATES: Final[Mapping[State, Mapping[Kind, Fate]]] = {
    State.ASKED: _DROP_ALL,
    State.LOADING: {**dict.fromkeys(Kind, Fate.HOLD), Kind.EPHEMERAL: Fate.DROP},
    State.LIVE: {
        Kind.EPHEMERAL: Fate.SEND,
        Kind.FOREIGN: Fate.RELOAD,
        Kind.OLD: Fate.DROP,
        Kind.NEXT: Fate.SEND,
        Kind.FAR: Fate.FILL,
    },
    State.LAGGING: _DROP_ALL,
}
