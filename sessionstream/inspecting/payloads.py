"""Payloads as a reader may see them: protobuf JSON, or bytes where the type is not known."""

from __future__ import annotations

import base64
import json

from google.protobuf.message import DecodeError, Message

from sessionstream.codec import encode_json
from sessionstream.errors import SchemaError
from sessionstream.hydration.sqlite_payloads import check_stored_type
from sessionstream.schema import SchemaRegistry


class PayloadTexts:
    """Decodes stored payloads with the types that are registered."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry

    def show(self, table: str, name: str, message_type: str, data: bytes) -> dict[str, object]:
        """Returns the type's name with the payload as JSON, or else as base64."""
        shown: dict[str, object] = {"type": message_type}
        try:
            message = self.decode(table, name, message_type, data)
            return shown | {"payload": json.loads(encode_json(message))}
        except (SchemaError, DecodeError, ValueError):
            return shown | {"base64": base64.b64encode(data).decode("ascii")}

    def decode(self, table: str, name: str, message_type: str, data: bytes) -> Message:
        """Returns the payload of a row; ``name`` is the event's, or the entity's kind.

        Raises:
            SchemaError: It is not registered, or with another type.
            DecodeError: The bytes are no such message.
            ValueError: An upcaster refused it.
        """
        if table == "events":
            event = self._registry.event_type(name)
            return self._registry.decode_stored_event(event, message_type, data)
        if table == "ui_events":
            found = self._registry.ui_event_type(name).message_type
        else:
            found = self._registry.entity_type(name).message_type
        return check_stored_type(found, message_type).FromString(data)
