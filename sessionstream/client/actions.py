"""What the client's core asks of whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, Union

from sessionstream.client.calls import Call
from sessionstream.v1 import transport_pb2 as pb


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame on the present connection; drop it with that."""

    frame: pb.ClientFrame


@dataclass(frozen=True, slots=True)
class Wake:
    """The session's watcher has something to take, or an error to raise."""

    session_id: str


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Call `ClientProtocol.retry` after a wait that grows with the attempts."""

    session_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ResendLater:
    """Call `ClientProtocol.resend` after a wait that grows with the attempts."""

    call: Call


@dataclass(frozen=True, slots=True)
class Settled:
    """The call has its outcome."""

    call: Call


@dataclass(frozen=True, slots=True)
class Ready:
    """The server has greeted the client, and knows it where it has to."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Connect anew, at a random moment within so many seconds."""

    within: float


@dataclass(frozen=True, slots=True)
class Renew:
    """Authenticate again before so many seconds are over."""

    within: float


@dataclass(frozen=True, slots=True)
class Denied:
    """The server does not take the token: close the connection."""


Action: TypeAlias = Union[Send, Wake, RetryLater, ResendLater, Settled, Ready, Leave, Renew, Denied]
