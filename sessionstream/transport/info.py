"""What a server knows of its connections at one moment, for those who look after it."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.transport.fates import State


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionInfo:
    """A session that a client watches.

    ``cursor`` is the ordinal up to which everything was handed out to the client
    in the life of the session that ``epoch`` names; what of it is still on its way
    counts in the connection's queue.
    """

    session_id: str
    state: State
    epoch: str
    cursor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionInfo:
    """A client that is connected.

    ``principal`` is the id of whoever it is, "" before it has shown that.
    ``subprotocol`` is None in version 1. The queued frames and bytes wait for the
    client to read.
    """

    id: str
    principal: str
    remote: str
    subprotocol: str | None
    queued_frames: int
    queued_bytes: int
    subscriptions: tuple[SubscriptionInfo, ...]
