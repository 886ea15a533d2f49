"""The values that cross the layers: commands, events, UI events, entities, snapshots.

All are frozen. Their payloads are protobuf messages, which are mutable: the
runtime copies a payload once where it enters, and every reader of a timeline
gets a copy of its own.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, Union

from google.protobuf.message import Message

from sessionstream.errors import SessionIdError

P_co = TypeVar("P_co", bound=Message, covariant=True)

MAX_SESSION_ID_LENGTH = 512


# Generic values have no slots: with them, `Event[Note](…)` is a TypeError on Python 3.11
# (a frozen dataclass with slots refuses the `__orig_class__` that typing sets).


@dataclass(frozen=True, kw_only=True)
class Command(Generic[P_co]):
    """A request to do something in one session."""

    session_id: str
    name: str
    payload: P_co


@dataclass(frozen=True, kw_only=True)
class Event(Generic[P_co]):
    """A canonical fact of one session.

    ``ordinal`` counts from 1 without gaps within the session. An ephemeral
    event takes no ordinal: its is 0.
    """

    session_id: str
    name: str
    ordinal: int
    payload: P_co


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEvent:
    """A stored event that can't be read with the types that are registered now.

    ``name`` and ``message_type`` are as they were stored; ``reason`` says what
    is wrong and, where that is known, what makes the event readable again.
    """

    session_id: str
    ordinal: int
    name: str
    message_type: str
    reason: str


StoredEvent = Union[Event[Message], UnreadableEvent]
"""What a log has under an ordinal."""


@dataclass(frozen=True, kw_only=True)
class UIEvent(Generic[P_co]):
    """A live message to clients, derived from an event."""

    name: str
    payload: P_co


@dataclass(frozen=True, slots=True, kw_only=True)
class UIBatch:
    """The UI events of one event, in order.

    ``ordinal`` is the event's, 0 where it was ephemeral. ``previous_ordinal``
    is that of the last event before it which had UI events, 0 where none had.
    ``epoch`` names the life of the session; see `Position`. ``unreadable`` says
    why stored UI events can't be read with the types that are registered now;
    then there are no ``events``.
    """

    session_id: str
    epoch: str
    ordinal: int
    previous_ordinal: int
    events: tuple[UIEvent[Message], ...]
    unreadable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a session has come.

    ``epoch`` names its life: a session that is deleted and begun again, or
    whose store was reset, has another. ``head`` is the ordinal of its last
    event, ``shown`` that of the last event which had UI events, 0 where there
    was none.
    """

    epoch: str
    head: int
    shown: int


@dataclass(frozen=True, kw_only=True)
class TimelineEntity(Generic[P_co]):
    """One row of a session's durable projected state.

    A timeline projection gives ``kind``, ``id`` and either ``payload`` or
    ``tombstone=True``, which removes the entity. The pipeline fills in the
    ordinals: that of the event which created the entity (kept over updates,
    new when it is created again after a tombstone) and of the last one that
    changed it.
    """

    kind: str
    id: str
    payload: P_co | None = None
    tombstone: bool = False
    created_ordinal: int = 0
    last_event_ordinal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEntity:
    """A stored entity that can't be read with the types that are registered now.

    ``kind`` and ``message_type`` are as they were stored; ``reason`` says what is wrong.
    """

    session_id: str
    kind: str
    id: str
    message_type: str
    reason: str


StoredEntity = Union[TimelineEntity[Message], UnreadableEntity]
"""What a stored timeline has under a kind and an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A session's timeline at one ordinal; 0 and empty before the first event.

    ``entities`` are sorted by created ordinal, last event ordinal, kind and id.
    """

    session_id: str
    snapshot_ordinal: int
    entities: tuple[TimelineEntity[Message], ...]


class SessionTasks(Protocol):
    """Work of a session that outlives the command which started it.

    Tasks are supervised: one that fails is recorded as an error record, and
    all are cancelled, then awaited, when the Hub closes.
    """

    def start(self, name: str, coroutine: Coroutine[object, object, None]) -> None:
        """Starts a task. A running one of the same name is cancelled, and ends first."""

    def cancel(self, name: str) -> bool:
        """Cancels the running task of that name; False if there is none."""

    async def wait_idle(self) -> None:
        """Returns when no task of this session is running but those that wait here themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a handler and a projection know of the session that they work in.

    ``metadata`` is what the Hub's ``session_metadata`` factory gave; None without one.
    """

    id: str
    metadata: object
    tasks: SessionTasks


def check_session_id(session_id: object) -> str:
    """Returns the id if it is usable.

    Raises:
        SessionIdError: It is no string, empty, longer than 512 characters, or
            holds a lone surrogate, which no file and no frame could carry.
    """
    if (
        not isinstance(session_id, str)
        or not 0 < len(session_id) <= MAX_SESSION_ID_LENGTH
        or not is_unicode(session_id)
    ):
        raise SessionIdError(session_id)
    return session_id


def is_unicode(text: str) -> bool:
    """Whether the text is valid Unicode; a lone surrogate is not, and has no UTF-8 form."""
    return text.isascii() or escaped(text) == text


def escaped(text: str) -> str:
    r"""Returns the text with lone surrogates written as ``\udXXX``."""
    return text.encode(errors="backslashreplace").decode()
