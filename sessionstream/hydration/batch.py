"""The rules that every store applies before it stores a batch, written once."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import replace

from google.protobuf.message import Message

from sessionstream.errors import StoreConflictError, StoreError
from sessionstream.hydration.base import CommandRecord, CommitBatch, Cursors, SessionCommit
from sessionstream.types import TimelineEntity, UIBatch, check_session_id, escaped, is_unicode

# The largest integer of SQLite, and of a signed 64-bit column anywhere.
MAX_ORDINAL = 2**63 - 1
# How many resolved error records a session keeps.
KEPT_RESOLVED = 100


def check_batch(location: str, batch: CommitBatch) -> None:
    """Refuses a batch that is wrong whatever the store holds.

    Raises:
        SessionIdError: A session id is unusable.
        StoreError: A session or an entity appears twice, an entity has neither
            payload nor tombstone, UI events are out of order or of another
            session, a command has no id, or a name or an id is no valid Unicode.
    """
    seen: set[str] = set()
    for commit in batch:
        session_id = check_session_id(commit.session_id)
        if session_id in seen:
            raise StoreError(location, f"session {session_id!r} is twice in one batch; merge them")
        seen.add(session_id)
        for event in commit.events:
            if event.session_id != session_id:
                raise StoreError(
                    location,
                    f"event {event.ordinal} of session {event.session_id!r} "
                    f"is in the commit of session {session_id!r}",
                )
            _check_text(location, session_id, event.name)
        check_entities(location, session_id, commit.entities)
        _check_text(location, session_id, commit.epoch)
        _check_ui_batches(location, session_id, commit.ui_batches)
        _check_commands(location, session_id, commit.commands)


def _check_ui_batches(location: str, session_id: str, batches: Sequence[UIBatch]) -> None:
    last = 0
    for batch in batches:
        if batch.session_id != session_id:
            raise _refused(location, batch, f"are in the commit of session {session_id!r}")
        if batch.ordinal < 1:
            raise _refused(location, batch, "can't be kept: an ephemeral event has no ordinal")
        if batch.ordinal <= last:
            raise _refused(location, batch, f"come after those of event {last}; sort them")
        if not batch.events:
            raise _refused(location, batch, "are none; leave the batch out")
        for event in batch.events:
            _check_text(location, session_id, event.name)
        last = batch.ordinal


def _refused(location: str, batch: UIBatch, reason: str) -> StoreError:
    return StoreError(location, f"{_named(batch)} {reason}")


def _named(batch: UIBatch) -> str:
    return f"the UI events of event {batch.ordinal} of session {batch.session_id!r}"


def _check_commands(location: str, session_id: str, commands: Sequence[CommandRecord]) -> None:
    for record in commands:
        if not record.command_id:
            raise StoreError(location, f"a record of a command of session {session_id!r} has no id")
        _check_text(location, session_id, record.command_id, record.name, record.principal)


def storable(record: CommandRecord) -> CommandRecord:
    """Returns the record with texts that can be stored: a handler wrote them."""
    if is_unicode(record.code) and is_unicode(record.message):
        return record
    return replace(record, code=escaped(record.code), message=escaped(record.message))


def check_entities(
    location: str, session_id: str, entities: Sequence[TimelineEntity[Message]]
) -> None:
    """Refuses entities that are wrong whatever the store holds; see `check_batch`."""
    seen: set[tuple[str, str]] = set()
    for entity in entities:
        _check_text(location, session_id, entity.kind, entity.id)
        key = (entity.kind, entity.id)
        named = f"entity {entity.kind!r} {entity.id!r} of session {session_id!r}"
        if key in seen:
            raise StoreError(location, f"{named} is twice in one commit; give its last state only")
        seen.add(key)
        if entity.payload is None and not entity.tombstone:
            raise StoreError(location, f"{named} has neither a payload nor a tombstone")


def _check_text(location: str, session_id: str, *texts: str) -> None:
    for text in texts:
        if not is_unicode(text):
            raise StoreError(location, f"session {session_id!r}: {text!r} holds a lone surrogate")


def next_cursors(location: str, commit: SessionCommit, stored: Cursors) -> Cursors:
    """Returns the session's cursors after the commit, in the stored epoch.

    Raises:
        StoreConflictError: The events leave a gap or repeat what is stored, a
            cursor lies outside of the log or goes back, or the UI events do
            not follow those that were stored last.
    """
    head = stored.event
    for event in commit.events:
        if event.ordinal != head + 1 or event.ordinal > MAX_ORDINAL:
            raise StoreConflictError(
                location,
                f"session {commit.session_id!r} stands at event {head}; "
                f"got event {event.ordinal} to follow it",
            )
        head = event.ordinal
    for projector, cursor in (("ui", commit.ui_cursor), ("timeline", commit.timeline_cursor)):
        if not stored.log_start <= cursor <= head:
            raise StoreConflictError(
                location,
                f"the {projector} cursor {cursor} of session {commit.session_id!r} "
                f"is outside of its log, which begins after event {stored.log_start} "
                f"and ends at event {head}",
            )
    _check_no_way_back(location, commit, stored)
    projections = stored.projections if commit.projections is None else commit.projections
    return Cursors(
        event=head,
        ui=commit.ui_cursor,
        timeline=commit.timeline_cursor,
        epoch=stored.epoch,
        log_start=stored.log_start,
        projections=projections,
        shown=_next_shown(location, commit, stored),
    )


def _next_shown(location: str, commit: SessionCommit, stored: Cursors) -> int:
    shown = stored.shown
    for batch in commit.ui_batches:
        if not shown < batch.ordinal <= commit.ui_cursor:
            raise StoreConflictError(
                location,
                f"{_named(batch)} do not lie between event {shown}, the last that had any, "
                f"and the ui cursor {commit.ui_cursor}",
            )
        if batch.previous_ordinal != shown:
            raise StoreConflictError(
                location,
                f"{_named(batch)} say that they follow those of event {batch.previous_ordinal}; "
                f"the last event that had any is {shown}",
            )
        if batch.epoch not in ("", stored.epoch):
            raise StoreConflictError(
                location,
                f"{_named(batch)} are of the epoch {batch.epoch!r}; it is {stored.epoch!r}",
            )
        shown = batch.ordinal
    return shown


def new_cursors(commit: SessionCommit) -> Cursors:
    """Returns the cursors of a session that is not stored yet, before the commit."""
    return Cursors(epoch=commit.epoch or secrets.token_hex(8))


def _check_no_way_back(location: str, commit: SessionCommit, stored: Cursors) -> None:
    behind = commit.timeline_cursor < stored.timeline and not commit.replace_timeline
    if behind or commit.ui_cursor < stored.ui:
        raise StoreConflictError(
            location,
            f"the projections of session {commit.session_id!r} have come to {stored.ui} (ui) and "
            f"{stored.timeline} (timeline), and can't go back to {commit.ui_cursor} and "
            f"{commit.timeline_cursor}; does another Hub use this store?",
        )


def check_start(location: str, session_id: str, start: int, stored: Cursors) -> None:
    """Refuses to compact a log to a start that its cursors have not passed.

    Raises:
        StoreConflictError: They have not, or the log begins later already.
    """
    last = min(stored.event, stored.ui, stored.timeline)
    if not stored.log_start <= start <= last:
        raise StoreConflictError(
            location,
            f"the log of session {session_id!r} can be compacted to a start between "
            f"{stored.log_start} and {last}; got {start}",
        )


def closing_time(closed_at: float, newest: float | None) -> float:
    """The time at which a session counts as closed: later than every other, as they are closed."""
    return closed_at if newest is None else max(closed_at, math.nextafter(newest, math.inf))


def check_page(location: str, limit: int) -> int:
    """Returns the limit of a page, no larger than a store can count.

    Raises:
        StoreError: It is negative.
    """
    if limit < 0:
        raise StoreError(location, f"a page has a limit of 0 or more; got {limit}")
    return min(limit, MAX_ORDINAL)
