"""What stores take in and give out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypedDict

from google.protobuf.message import Message

from sessionstream.arguments import check_amount, check_whole
from sessionstream.records import ErrorRecord, ErrorSource
from sessionstream.types import Event, StoredEntity, TimelineEntity, UIBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """How far a session has come: ordinals of events, 0 before the first.

    ``event`` is the head of the log; ``ui`` and ``timeline`` say how far each
    projection has come. The log holds the events after ``log_start``, which is
    0 until it is compacted. ``epoch`` names this life of the session: a session
    that is deleted and begun again has another. Empty for an unknown session.
    ``projections`` names what made the stored timeline, with a ``~`` before what
    was not there for the last events; None where nobody said. ``shown`` is the
    last event that had UI events, whether they are still kept or not.
    """

    event: int = 0
    ui: int = 0
    timeline: int = 0
    epoch: str = ""
    log_start: int = 0
    projections: tuple[str, ...] | None = None
    shown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much a store keeps, per session, of what only reconnecting clients need.

    UI events are kept while all three of their limits hold; they count in
    batches, one for each event that had any. Records of commands are kept
    while both of theirs hold; that of one which is running goes by age alone.
    Times are in seconds, 0 keeps nothing, and a time of ``math.inf`` is no
    limit. A store may keep a quarter more before it removes what is beyond a
    limit; what is older than its limit is not read any more.
    """

    ui_batches: int = 1000
    ui_seconds: float = 3600.0
    ui_bytes: int = 4 * 2**20
    commands: int = 1000
    command_seconds: float = 24 * 3600.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not field.name.endswith("_seconds"):
                check_whole(field.name, value)
            if value != math.inf:
                check_amount(field.name, value)


class CommandStatus(StrEnum):
    """How far a command has come, as a store keeps it."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """What a store knows of a command that a client named with an id.

    One that is ``ACCEPTED`` is being run, or was when its process ended.
    ``code`` and ``message`` say why it failed. ``ordinal`` is the session's
    last event when it was accepted, then when it ended. ``at`` is that time, in
    seconds since the Unix epoch. ``principal`` is the id of whoever gave it, ""
    where nobody was named: under one id no other command, and nobody else's, is
    answered.
    """

    command_id: str
    name: str
    status: CommandStatus
    ordinal: int
    at: float
    code: str = ""
    message: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class BaseTimeline:
    """The timeline that the events of a log are folded onto: as it stood at ``ordinal``.

    At 0 and empty, unless the log was compacted.
    """

    ordinal: int = 0
    entities: tuple[StoredEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What failed on these events no longer does: their open error records are over.

    Those of ``source``, of the events ``first`` to ``last``. ``at`` is the
    time, in seconds since the Unix epoch.
    """

    source: ErrorSource
    first: int
    last: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommit:
    """What one session adds to the store in one transaction.

    ``events`` continue the stored log without a gap. ``entities`` hold each
    changed entity once, whole and with its ordinals, or its tombstone, which
    removes the row. ``ui_cursor`` and ``timeline_cursor`` are the new ones.
    With ``replace_timeline`` the entities are the whole timeline.
    ``projections`` names what made the timeline, where that has changed.
    ``passed`` resolves open records, those among ``errors`` included.
    ``ui_batches`` are the UI events of events up to the new UI cursor, in the
    order of their ordinals, none of which is 0. ``commands`` replace the
    records of the same ids. ``epoch`` names the life of a session that is not
    stored yet; the store makes a name where it is empty.
    """

    session_id: str
    events: Sequence[Event[Message]] = ()
    entities: Sequence[TimelineEntity[Message]] = ()
    errors: Sequence[ErrorRecord] = ()
    passed: Sequence[Passed] = ()
    ui_cursor: int
    timeline_cursor: int
    replace_timeline: bool = False
    projections: tuple[str, ...] | None = None
    ui_batches: Sequence[UIBatch] = ()
    commands: Sequence[CommandRecord] = ()
    epoch: str = ""


class ErrorFilters(TypedDict, total=False):
    """Which error records are asked for.

    Attributes:
        source: Those from one source.
        since: Those that occurred then or later, in seconds since the Unix epoch.
        until: Those that occurred before.
        resolved: Open ones by default, resolved ones with True, both with None.
        after: The last record of the page before.
    """

    source: ErrorSource | None
    since: float | None
    until: float | None
    resolved: bool | None
    after: ErrorRecord | None


CommitBatch = Sequence[SessionCommit]
"""One transaction: commits of any number of sessions, each at most once."""
