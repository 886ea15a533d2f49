"""UI events and command records to rows and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from google.protobuf.message import Message

from sessionstream.errors import SchemaError, StoreCorruptError
from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.hydration.batch import storable
from sessionstream.hydration.keeping import Keeper, NewBatches
from sessionstream.hydration.sqlite_payloads import (
    check_stored_type,
    encode_payload,
    unreadable_reason,
)
from sessionstream.schema import SchemaRegistry
from sessionstream.types import UIBatch, UIEvent
from sessionstream.upcasting import parsed

NewUIEventRow = tuple[int, int, int, int, str, str, bytes]
"""Ordinal, batch index, batch size, previous ordinal, name, message type, payload."""

UIEventRow = tuple[str, int, int, int, str, str, bytes]
"""Epoch, ordinal, batch size, previous ordinal, name, message type, payload."""

CommandRow = tuple[str, str, str, int, float, str, str, str]
"""Command id, name, status, ordinal, at, code, message, principal."""


@dataclass(frozen=True, slots=True)
class NewUIBatches:
    """What one session's commit adds to the UI events that are kept."""

    kept: NewBatches
    rows: Sequence[NewUIEventRow]


def encode_batches(
    location: str, batches: Sequence[UIBatch], keeper: Keeper
) -> NewUIBatches | None:
    """Returns the rows of the UI events; None where there are none.

    Raises:
        StoreError: A payload lacks a required field.
    """
    if not batches:
        return None
    encoded = [_encode_batch(location, batch) for batch in batches]
    kept = keeper.select([sum([len(row[-1]) for row in rows]) for rows in encoded])
    return NewUIBatches(kept, [row for rows in encoded[kept.first :] for row in rows])


def _encode_batch(location: str, batch: UIBatch) -> list[NewUIEventRow]:
    ordinal, previous, size = batch.ordinal, batch.previous_ordinal, len(batch.events)
    return [
        (
            ordinal,
            index,
            size,
            previous,
            event.name,
            *encode_payload(location, batch.session_id, event.name, event.payload),
        )
        for index, event in enumerate(batch.events)
    ]


def encode_command(given: CommandRecord) -> CommandRow:
    """Returns the record's row."""
    record = storable(given)
    return (
        record.command_id,
        record.name,
        record.status.value,
        record.ordinal,
        record.at,
        record.code,
        record.message,
        record.principal,
    )


def decode_batches(
    registry: SchemaRegistry, session_id: str, rows: Sequence[UIEventRow]
) -> list[UIBatch]:
    """Returns the batches; one that can't be read with the types of now says why."""
    types: dict[tuple[str, str], type[Message]] = {}
    return [
        _decode_batch(registry, session_id, list(of_one), types)
        for _, of_one in groupby(rows, key=itemgetter(1))
    ]


def _decode_batch(
    registry: SchemaRegistry,
    session_id: str,
    rows: Sequence[UIEventRow],
    types: dict[tuple[str, str], type[Message]],
) -> UIBatch:
    """Returns a batch; ``types`` keeps what was found for those before it."""
    epoch, ordinal, size, previous_ordinal, *_ = rows[0]
    events: list[UIEvent[Message]] = []
    unreadable = "" if len(rows) == size else f"{len(rows)} of its {size} UI events are stored"
    for *_, name, stored_type, data in rows:
        try:
            message_type = types.get((name, stored_type))
            if message_type is None:
                registered = registry.ui_event_type(name).message_type
                message_type = check_stored_type(registered, stored_type)
                types[name, stored_type] = message_type
            events.append(UIEvent(name=name, payload=parsed(message_type, stored_type, data)))
        except SchemaError as error:
            unreadable = f"UI event {name!r}: {unreadable_reason(error, stored_type)}"
            break
    return UIBatch(
        session_id=session_id,
        epoch=epoch,
        ordinal=ordinal,
        previous_ordinal=previous_ordinal,
        events=() if unreadable else tuple(events),
        unreadable=unreadable,
    )


def decode_command(location: str, session_id: str, row: CommandRow) -> CommandRecord:
    """Returns the record.

    Raises:
        StoreCorruptError: Its status is none that this release knows.
    """
    command_id, name, status, ordinal, at, code, message, principal = row
    try:
        known = CommandStatus(status)
    except ValueError as error:
        raise StoreCorruptError(
            location,
            f"command {command_id!r} of session {session_id!r} has the unknown status {status!r}",
        ) from error
    return CommandRecord(
        command_id=command_id,
        name=name,
        status=known,
        ordinal=ordinal,
        at=at,
        code=code,
        message=message,
        principal=principal,
    )
