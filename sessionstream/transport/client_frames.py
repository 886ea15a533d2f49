"""Client frames as they come over the wire."""

from __future__ import annotations

import json

from google.protobuf.message import DecodeError

from sessionstream import codec
from sessionstream.codec.field_error import FieldError, UnknownFieldError
from sessionstream.errors import PayloadDecodeError, ProtocolError
from sessionstream.transport.codes import ErrorCode
from sessionstream.v1 import transport_pb2 as pb

_V2_FIELDS = frozenset({"mode", "sinceEpoch", "since_epoch"})


def decode_json(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame that a text message holds.

    Raises:
        ProtocolError: ``bad_client_frame``: it is binary, no JSON, nested too
            deeply, or has a field or a value that a frame does not have.
    """
    if isinstance(data, bytes):
        raise _bad("a frame is a text message here, not binary")
    try:
        return codec.decode_json(pb.ClientFrame, data)
    except PayloadDecodeError as error:
        raise _bad(_reason(error.__cause__)) from error


def decode_v1_json(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame of version 1 that a text message holds.

    Raises:
        ProtocolError: As `decode_json`, and for what version 1 does not have.
    """
    frame = decode_json(data)
    kind = frame.WhichOneof("frame")
    if kind in ("command", "authenticate"):
        raise _bad(f'unknown field "{kind}"')
    if kind == "subscribe" and (names := _V2_FIELDS & set(json.loads(data)["subscribe"])):
        raise _bad(f'unknown field "{min(names)}"')
    return frame


def decode_proto(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame that a binary message holds; fields that it does not know are ignored.

    Raises:
        ProtocolError: ``bad_client_frame``: it is a text, or no such frame.
    """
    if isinstance(data, str):
        raise _bad("a frame is a binary message here, not text")
    try:
        return pb.ClientFrame.FromString(data)
    except DecodeError as error:
        raise _bad("not the binary form of a client frame") from error


def _bad(message: str) -> ProtocolError:
    return ProtocolError(ErrorCode.BAD_CLIENT_FRAME, message)


def _reason(cause: BaseException | None) -> str:
    # A client gets no text of an unexpected exception, only names of fields.
    if isinstance(cause, UnknownFieldError):
        return f'unknown field "{cause.field}"'
    if isinstance(cause, FieldError) and cause.field:
        return f'the field "{cause.field}" can\'t hold that value'
    if isinstance(cause, json.JSONDecodeError):
        return f"not JSON: {cause}"
    return "not the JSON of a client frame"
