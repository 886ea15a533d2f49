"""What clients ask of a session, and what a subscription does about it step by step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias, Union

from sessionstream.transport.shared import SharedBatch, SharedSnapshot
from sessionstream.v1 import transport_pb2 as pb


class SubscribeMode(Enum):
    """What comes before the live UI events."""

    SNAPSHOT = pb.SubscribeRequest.SNAPSHOT
    RESUME = pb.SubscribeRequest.RESUME
    RESUME_ONLY = pb.SubscribeRequest.RESUME_ONLY
    LIVE = pb.SubscribeRequest.LIVE


class Outcome(Enum):
    """What came before them."""

    SNAPSHOT_SENT = pb.SubscribedFrame.SNAPSHOT_SENT
    RESUMED = pb.SubscribedFrame.RESUMED
    LIVE_ONLY = pb.SubscribedFrame.LIVE_ONLY


class Reason(Enum):
    """Why it was that."""

    AS_REQUESTED = pb.SubscribedFrame.AS_REQUESTED
    EPOCH_CHANGED = pb.SubscribedFrame.EPOCH_CHANGED
    AHEAD_OF_HEAD = pb.SubscribedFrame.AHEAD_OF_HEAD
    HISTORY_GONE = pb.SubscribedFrame.HISTORY_GONE
    HISTORY_UNREADABLE = pb.SubscribedFrame.HISTORY_UNREADABLE
    TOO_FAR_BEHIND = pb.SubscribedFrame.TOO_FAR_BEHIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """A client's wish to see a session, from a position on."""

    session_id: str
    mode: SubscribeMode = SubscribeMode.SNAPSHOT
    since: int = 0
    epoch: str = ""


class Ask(Enum):
    """What is read of a session; see `source.SessionSource`."""

    SNAPSHOT = auto()
    HISTORY = auto()
    POSITION = auto()


@dataclass(frozen=True, slots=True)
class Show:
    """Send the snapshot."""

    snapshot: SharedSnapshot


@dataclass(frozen=True, slots=True)
class Replay:
    """Send the batch; it must not be dropped, since what follows tells of it."""

    batch: SharedBatch


@dataclass(frozen=True, slots=True)
class Announce:
    """Say that what was asked for has been sent, and that there is nothing else up to ``head``."""

    outcome: Outcome
    reason: Reason
    head: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell how far the client is."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Tell that there is nothing else up to ``head``; not dropped, since what follows needs it."""

    head: int


@dataclass(frozen=True, slots=True)
class Next:
    """Read this, of the history what comes after an ordinal, and hand it in."""

    ask: Ask
    after: int = 0


@dataclass(frozen=True, slots=True)
class Impossible:
    """Say that it can't be resumed, and end the subscription."""

    reason: Reason


Step: TypeAlias = Union[Show, Replay, Announce, Tell, Skip, Next, Impossible]
