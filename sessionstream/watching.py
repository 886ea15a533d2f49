"""What watching a session gives, over a Hub and over the wire alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar, Union

from google.protobuf.message import Message

from sessionstream.arguments import check_ordinal, check_type
from sessionstream.publisher import CommandSubmitter
from sessionstream.types import TimelineEntity, UIEvent, is_unicode

U_co = TypeVar("U_co", bound=UIEvent[Message], covariant=True)
T_co = TypeVar("T_co", bound=TimelineEntity[Message], covariant=True)
U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Up to where a watcher has a session: watching again can go on from there.

    ``epoch`` names the life of the session; one that was deleted and begun
    again has another. ``ordinal`` is that of the last event whose UI events
    the watcher has, all of them.
    """

    epoch: str
    ordinal: int

    def __post_init__(self) -> None:
        check_type("the epoch of a resume point", self.epoch, str)
        if not is_unicode(self.epoch):
            raise ValueError(f"the epoch of a resume point is valid text; got {self.epoch!r}")
        check_ordinal("the ordinal of a resume point", self.ordinal)


def check_since(since: object) -> None:
    """Refuses what is no position to watch from.

    Raises:
        TypeError: It is none, and not None either.
    """
    if since is not None and not isinstance(since, ResumePoint):
        raise TypeError(
            f"since is a ResumePoint, the position of an update, or None; got {since!r}"
        )


# Generic values have no slots; types.py says why.


@dataclass(frozen=True, kw_only=True)
class SnapshotUpdate(Generic[T_co]):
    """The session's whole timeline: it replaces all that was shown before.

    With ``replaces_what_was_shown``, something was, and UI events in between
    may be missing: they were not kept for so long, or the session was begun anew.
    """

    session_id: str
    position: ResumePoint
    entities: tuple[T_co, ...]
    replaces_what_was_shown: bool = False


@dataclass(frozen=True, kw_only=True)
class UIUpdate(Generic[U_co]):
    """The UI events of one event, in order.

    ``ordinal`` is the event's. One that is ephemeral has 0: it is not sent
    again and moves no position. Whoever resumes at ``position`` gets what follows.
    """

    session_id: str
    position: ResumePoint
    ordinal: int
    events: tuple[U_co, ...]


Update: TypeAlias = Union[UIUpdate[U], SnapshotUpdate[T]]
"""What a watcher gets: to match on."""

Watch: TypeAlias = AbstractAsyncContextManager[AsyncIterator[Update[U, T]]]
"""Enter it to begin; leave it to end. What it gives is iterated by one task."""

AnyUpdate: TypeAlias = Update[UIEvent[Message], TimelineEntity[Message]]
AnyWatch: TypeAlias = AbstractAsyncContextManager[AsyncIterator[AnyUpdate]]


class SessionClient(CommandSubmitter, Protocol):
    """Runs commands and watches sessions: a Hub, or a client of a remote one."""

    def watch(self, session_id: str, *, since: ResumePoint | None = None) -> AnyWatch:
        """Gives the session's timeline, then every later UI event once and in order.

        With ``since`` it gives the UI events after that position, or the
        timeline where they are not there any more. A watcher that is slow
        delays nobody: it is given what it missed, or the timeline as it is
        then. UI events of ephemeral events it may miss.
        """
