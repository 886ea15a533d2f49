"""The runtime's values as JSON, for pages that show them."""

from __future__ import annotations

import json

from google.protobuf.message import Message

from sessionstream import Snapshot, StoredEvent, TimelineEntity, UIEvent, UnreadableEvent
from sessionstream.codec import encode_json
from systemlab.checking import JSON


def payload_json(payload: Message) -> JSON:
    """Returns a payload in protobuf's JSON form."""
    shown: JSON = json.loads(encode_json(payload))
    return shown


def event_json(event: StoredEvent) -> dict[str, JSON]:
    """Returns an event of the log."""
    if isinstance(event, UnreadableEvent):
        return {"ordinal": event.ordinal, "name": event.name, "unreadable": event.reason}
    return {
        "ordinal": event.ordinal,
        "name": event.name,
        "payload": payload_json(event.payload),
    }


def ui_event_json(ordinal: int, event: UIEvent[Message]) -> dict[str, JSON]:
    """Returns a UI event of the event with that ordinal."""
    return {"ordinal": ordinal, "name": event.name, "payload": payload_json(event.payload)}


def entity_json(entity: TimelineEntity[Message]) -> dict[str, JSON]:
    """Returns an entity of a snapshot."""
    return {
        "kind": entity.kind,
        "id": entity.id,
        "created": entity.created_ordinal,
        "changed": entity.last_event_ordinal,
        "payload": None if entity.payload is None else payload_json(entity.payload),
    }


def snapshot_json(snapshot: Snapshot) -> dict[str, JSON]:
    """Returns a snapshot."""
    return {
        "ordinal": snapshot.snapshot_ordinal,
        "entities": [entity_json(entity) for entity in snapshot.entities],
    }
