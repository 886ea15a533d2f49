"""What a protocol wants done, in order. Whoever runs the connection does it and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, Union

from google.protobuf.message import Message

from sessionstream.records import TransportEvent
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.keys import Key
from sessionstream.transport.requests import Ask


@dataclass(frozen=True, slots=True)
class Answer:
    """Send these frames: the client asked for them, or what follows rests on them.

    ``session_id`` is that of the session which they show.
    """

    frames: Encoded
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send these frames of a session, if there is room for them.

    Where there is none, some session's frames are dropped; see `Outbox`. Then
    hand in ``cursor`` of the first that were dropped. ``keys`` are those of
    ephemeral UI events, None where the frames are something else.
    """

    session_id: str
    frames: Encoded
    cursor: int
    keys: tuple[Key, ...] | None = None


@dataclass(frozen=True, slots=True)
class Discard:
    """Drop what waits of a session."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Authorize:
    """Ask whether the client may see the session, and hand in the answer with this value."""

    session_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Load:
    """Enter the session's room, then read what is asked for and hand it in with this value.

    A load of the same session that is still running is to be cancelled. Of the
    history, what comes after the ordinal ``after`` is wanted.
    """

    session_id: str
    generation: int
    ask: Ask
    after: int = 0


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the session's room and cancel its load, if one is running."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Ask who the client with this token is, and hand in the answer."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Ask whether the client may give this command; run it; hand in what becomes of it."""

    request_id: str
    command_id: str
    session_id: str
    name: str
    payload: Message
    expected_ordinal: int | None


@dataclass(frozen=True, slots=True)
class Close:
    """Drop what is queued and close the connection."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the observers."""

    event: TransportEvent
    session_id: str = ""
    detail: str = ""


Action: TypeAlias = Union[
    Answer, Deliver, Discard, Authorize, Load, Leave, Authenticate, Run, Close, Report
]
