"""Answers protobuf's conformance runner with `sessionstream.codec`.

    python -m tools.conformance_bridge

The runner starts this program and writes requests to its standard input: four
bytes of length, the lowest first, and a ``ConformanceRequest``. Responses go
back the same way. Cases of other formats than JSON and binary are skipped, and
so are those that want unknown fields ignored, which the codec refuses.
"""

from __future__ import annotations

import struct
import sys
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.json_format import SerializeToJsonError
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from sessionstream import PayloadDecodeError
from sessionstream.codec import decode_json, encode_json
from tools.conformance import load_schemas

_LENGTH = struct.Struct("<I")
# Numbers of the runner's enums ``WireFormat`` and ``TestCategory``.
_PROTOBUF, _JSON = 1, 2
_IGNORE_UNKNOWN = 3
_PAYLOADS = frozenset({"json_payload", "protobuf_payload"})


def main() -> int:
    """Answers until the runner closes the pipe; returns the exit status."""
    load_schemas()
    request_class = message_class("conformance.ConformanceRequest")
    while head := sys.stdin.buffer.read(_LENGTH.size):
        [size] = _LENGTH.unpack(head)
        response = answer(request_class.FromString(sys.stdin.buffer.read(size)))
        data = response.SerializeToString()
        sys.stdout.buffer.write(_LENGTH.pack(len(data)) + data)
        sys.stdout.buffer.flush()
    return 0


def answer(request: Any) -> Message:
    """Returns the response to a request; both are messages of the runner's schemas."""
    response_class = message_class("conformance.ConformanceResponse")
    if request.message_type == "conformance.FailureSet":
        return response_class(protobuf_payload=b"")
    payload, wanted = request.WhichOneof("payload"), request.requested_output_format
    if payload not in _PAYLOADS or wanted not in {_PROTOBUF, _JSON}:
        return response_class(skipped="neither JSON nor binary")
    if request.test_category == _IGNORE_UNKNOWN:
        return response_class(skipped="unknown fields are refused")
    try:
        message = parsed(message_class(request.message_type), request)
    except (DecodeError, PayloadDecodeError) as error:
        return response_class(parse_error=str(error))
    try:
        if wanted == _JSON:
            return response_class(json_payload=encode_json(message).decode())
        return response_class(protobuf_payload=message.SerializeToString())
    except (EncodeError, SerializeToJsonError, TypeError, ValueError) as error:
        return response_class(serialize_error=str(error))


def parsed(wanted: type[Message], request: Any) -> Message:
    """Returns the message in a request."""
    if request.WhichOneof("payload") == "json_payload":
        return decode_json(wanted, request.json_payload)
    return wanted.FromString(request.protobuf_payload)


def message_class(name: str) -> type[Message]:
    """Returns the class of a message type by its full name."""
    return GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


if __name__ == "__main__":
    sys.exit(main())
