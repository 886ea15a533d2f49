"""Payloads as protobuf JSON.

Field names are lowerCamelCase, 64-bit integers are strings, enums go by name
(https://protobuf.dev/programming-guides/json/).
"""

from __future__ import annotations

import json
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from sessionstream.errors import PayloadDecodeError

P = TypeVar("P", bound=Message)

# Deeper nesting than this is refused, before it can exhaust the stack.
_MAX_DEPTH = 100
# Some types of this package, such as wrappers, are plain values in JSON.
_WELL_KNOWN = "google.protobuf."


def encode_json(message: Message) -> bytes:
    """Returns the message as compact protobuf JSON in UTF-8."""
    fields = json_format.MessageToDict(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def decode_json(message_type: type[P], data: bytes | str) -> P:
    """Returns the message that the protobuf JSON holds.

    Raises:
        PayloadDecodeError: It is no JSON, has an unknown field or a value that
            the field can't hold, or is nested more than 100 deep.
    """
    message = message_type()
    full_name = message_type.DESCRIPTOR.full_name
    try:
        text = data if isinstance(data, str) else data.decode()
        if not text.lstrip().startswith("{") and not full_name.startswith(_WELL_KNOWN):
            # protobuf would take an empty list or string for an object without fields.
            raise PayloadDecodeError(full_name, "a JSON object was expected")
        json_format.Parse(text, message, max_recursion_depth=_MAX_DEPTH)
    except (json_format.ParseError, RecursionError, ValueError) as error:
        raise PayloadDecodeError(full_name, str(error)) from error
    return message
