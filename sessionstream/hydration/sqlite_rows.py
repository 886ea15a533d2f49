"""Values to rows and back: payloads as deterministic bytes with their full message name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.errors import SchemaError, StoreCorruptError
from sessionstream.hydration.base import SessionCommit
from sessionstream.hydration.keeping import Keeper
from sessionstream.hydration.sqlite_kept_rows import (
    CommandRow,
    NewUIBatches,
    encode_batches,
    encode_command,
)
from sessionstream.hydration.sqlite_payloads import (
    check_stored_type,
    encode_payload,
    unreadable_reason,
)
from sessionstream.observer import ErrorRecord, ErrorSource
from sessionstream.schema import SchemaRegistry
from sessionstream.timeline import read_entity
from sessionstream.types import (
    Event,
    StoredEntity,
    StoredEvent,
    TimelineEntity,
    UnreadableEntity,
    UnreadableEvent,
    escaped,
)
from sessionstream.upcasting import parsed

EventRow = tuple[int, str, str, bytes]
"""Ordinal, name, message type, payload."""

EntityRow = tuple[str, str, int, int, str, bytes]
"""Kind, id, created ordinal, last event ordinal, message type, payload."""

NewErrorRow = tuple[str, int, str, str, str, float, int]
"""Source, ordinal, name, error type, message, occurred at, attempts."""

ErrorRow = tuple[str, str, int, str, str, str, float, int, float | None]
"""Session id, what a new one has, resolved at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRows:
    """One session's part of a batch, encoded.

    Of ``commit`` only the ordinals and cursors are used from here on.
    """

    commit: SessionCommit
    events: Sequence[EventRow]
    entities: Sequence[EntityRow]
    removed: Sequence[tuple[str, str]]
    errors: Sequence[NewErrorRow]
    ui_batches: NewUIBatches | None
    commands: Sequence[CommandRow]


def encode(location: str, commit: SessionCommit, keeper: Keeper) -> SessionRows:
    """Returns the commit's rows.

    Raises:
        StoreError: A payload lacks a required field.
    """
    session_id = commit.session_id
    return SessionRows(
        commit=commit,
        events=[
            (
                event.ordinal,
                event.name,
                *encode_payload(location, session_id, event.name, event.payload),
            )
            for event in commit.events
        ],
        entities=encode_entities(location, session_id, commit.entities),
        removed=[(entity.kind, entity.id) for entity in commit.entities if entity.tombstone],
        errors=[_encode_error(error) for error in commit.errors],
        ui_batches=encode_batches(location, commit.ui_batches, keeper),
        commands=list(map(encode_command, commit.commands)),
    )


def encode_entities(
    location: str, session_id: str, entities: Sequence[TimelineEntity[Message]]
) -> list[EntityRow]:
    """Returns the rows of the entities that are no tombstones; raises what `encode` does."""
    return [
        (
            entity.kind,
            entity.id,
            entity.created_ordinal,
            entity.last_event_ordinal,
            *encode_payload(location, session_id, entity.kind, entity.payload),
        )
        for entity in entities
        if entity.payload is not None and not entity.tombstone
    ]


def _encode_error(error: ErrorRecord) -> NewErrorRow:
    # Its texts come from other people's exceptions; none may make a commit fail.
    return (
        error.source.value,
        error.ordinal,
        escaped(str(error.name)),
        escaped(error.error_type),
        escaped(error.message),
        error.occurred_at,
        error.attempts,
    )


class RowDecoder:
    """Decodes rows of one store with the types that are registered now."""

    def __init__(self, location: str, registry: SchemaRegistry) -> None:
        self._location = location
        self._registry = registry

    def event(self, session_id: str, row: EventRow) -> StoredEvent:
        """Returns the event under its current name, or why it can't be read.

        It can't where its name is not registered, where no upcaster leads from
        the stored type to the registered one, or where its bytes are damaged.
        """
        ordinal, name, stored_type, data = row
        try:
            declared = self._registry.event_type(name)
            payload = self._registry.decode_stored_event(declared, stored_type, data)
        except SchemaError as error:
            return UnreadableEvent(
                session_id=session_id,
                ordinal=ordinal,
                name=name,
                message_type=stored_type,
                reason=unreadable_reason(error, stored_type),
            )
        return Event(session_id=session_id, name=declared.name, ordinal=ordinal, payload=payload)

    def entities(self, session_id: str, rows: Iterable[EntityRow]) -> list[StoredEntity]:
        """Returns the entities, or why they can't be read; of another type they can't either."""
        types: dict[tuple[str, str], type[Message]] = {}
        return [self._entity(session_id, row, types) for row in rows]

    def _entity(
        self, session_id: str, row: EntityRow, types: dict[tuple[str, str], type[Message]]
    ) -> StoredEntity:
        """Returns an entity; ``types`` keeps what was found for those before it."""
        kind, entity_id, created, last, stored_type, data = row
        try:
            message_type = types.get((kind, stored_type))
            if message_type is None:
                message_type = types[kind, stored_type] = self._entity_type(kind, stored_type)
            payload = parsed(message_type, stored_type, data)
        except SchemaError as error:
            return UnreadableEntity(
                session_id=session_id,
                kind=kind,
                id=entity_id,
                message_type=stored_type,
                reason=unreadable_reason(error, stored_type),
            )
        return read_entity(kind, entity_id, payload, created, last)

    def _entity_type(self, kind: str, stored_type: str) -> type[Message]:
        return check_stored_type(self._registry.entity_type(kind).message_type, stored_type)

    def error(self, row: ErrorRow) -> ErrorRecord:
        """Returns the error record.

        Raises:
            StoreCorruptError: Its source is none that this release knows.
        """
        session_id, source, ordinal, name, error_type, message, occurred_at, attempts, resolved = (
            row
        )
        try:
            known = ErrorSource(source)
        except ValueError as error:
            raise StoreCorruptError(
                self._location,
                f"an error record of session {session_id!r} at event {ordinal} has the unknown "
                f"source {source!r}",
            ) from error
        return ErrorRecord(
            session_id=session_id,
            source=known,
            name=name,
            ordinal=ordinal,
            error_type=error_type,
            message=message,
            occurred_at=occurred_at,
            attempts=attempts,
            resolved_at=resolved,
        )
