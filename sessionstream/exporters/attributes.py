"""What spans say of themselves, after OpenTelemetry's conventions for messaging.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/: a command
is a message that is processed, an event one that is sent. What those
conventions have no name for begins with ``sessionstream``.
"""

from __future__ import annotations

from typing import Final

from sessionstream.exporters.outcomes import outcome_of
from sessionstream.observer import ErrorRecord, PipelineRecord

Attributes = dict[str, str | int]

SYSTEM: Final = "messaging.system"
OPERATION_NAME: Final = "messaging.operation.name"
OPERATION_TYPE: Final = "messaging.operation.type"
DESTINATION: Final = "messaging.destination.name"
MESSAGE_ID: Final = "messaging.message.id"
CONVERSATION_ID: Final = "messaging.message.conversation_id"
ERROR_TYPE: Final = "error.type"
ORDINAL: Final = "sessionstream.ordinal"
UI_EVENTS: Final = "sessionstream.ui_events"
ENTITIES: Final = "sessionstream.entities"
OUTCOME: Final = "sessionstream.outcome"
FANOUT: Final = "sessionstream.fanout"
SOURCE: Final = "sessionstream.error.source"


def of_command(record: PipelineRecord, *, session_ids: bool) -> Attributes:
    """Returns what is known of a command when it begins."""
    attributes = _of_message(record, "process", "process", session_ids)
    if record.command_id:
        attributes[MESSAGE_ID] = record.command_id
    return attributes


def of_its_end(record: PipelineRecord) -> Attributes:
    """Returns what is known of a command, in addition, when it has ended."""
    outcome = outcome_of(record)
    attributes: Attributes = {} if outcome is None else {OUTCOME: outcome.value}
    if record.error_type:
        attributes[ERROR_TYPE] = record.error_type
    return attributes


def of_event(record: PipelineRecord, *, session_ids: bool) -> Attributes:
    """Returns what is known of an event: of entities and UI events how many there were."""
    attributes = _of_message(record, "publish", "send", session_ids)
    if record.ordinal:
        attributes[ORDINAL] = record.ordinal
    attributes[UI_EVENTS] = len(record.ui_events)
    attributes[ENTITIES] = len(record.entities)
    return attributes


def of_error(record: ErrorRecord) -> Attributes:
    """Returns what is known of an error: not its text, which may hold anything."""
    return {SOURCE: record.source.value, ERROR_TYPE: record.error_type}


def _of_message(
    record: PipelineRecord, operation: str, operation_type: str, session_ids: bool
) -> Attributes:
    attributes: Attributes = {
        SYSTEM: "sessionstream",
        OPERATION_NAME: operation,
        OPERATION_TYPE: operation_type,
        DESTINATION: record.name,
    }
    if session_ids:
        attributes[CONVERSATION_ID] = record.session_id
    return attributes
