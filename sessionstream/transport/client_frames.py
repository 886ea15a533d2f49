"""Client frames as they come over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping

from google.protobuf.message import DecodeError

from sessionstream import codec
from sessionstream.codec.field_error import FieldError, UnknownFieldError
from sessionstream.errors import PayloadDecodeError, ProtocolError
from sessionstream.transport.codes import ErrorCode
from sessionstream.types import is_unicode
from sessionstream.v1 import transport_pb2 as pb

MAX_ID_LENGTH = 512
"""Of what a client repeats so that it recognizes an answer, in characters.

A bound of the format and no setting: clients and stores rely on it. A command
with a longer id, or none, is rejected with ``protocol_error``, over HTTP with
``bad_request``.
"""

_V2_FIELDS = frozenset({"mode", "sinceEpoch", "since_epoch"})


class UnreadableCommandError(ProtocolError):
    """A command that can't be read, whose client can be told so: it said which one it is.

    ``asked`` has its ids and nothing else.
    """

    def __init__(self, asked: pb.CommandRequest, message: str) -> None:
        super().__init__(ErrorCode.BAD_PAYLOAD, message, asked.session_id)
        self.asked = asked


def decode_json(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame that a text message holds.

    Raises:
        UnreadableCommandError: It is JSON, and names a command that it does not hold.
        ProtocolError: ``bad_client_frame``: it is binary, no JSON, nested too
            deeply, or has a field or a value that a frame does not have.
    """
    try:
        return _decode(data)
    except ProtocolError as error:
        asked = _named_command(data)
        if asked is None:
            raise
        raise UnreadableCommandError(asked, error.message) from error


def _decode(data: str | bytes) -> pb.ClientFrame:
    if isinstance(data, bytes):
        raise _bad("a frame is a text message here, not binary")
    try:
        return codec.decode_json(pb.ClientFrame, data)
    except PayloadDecodeError as error:
        raise _bad(_reason(error.__cause__)) from error


def decode_v1_json(data: str | bytes) -> pb.ClientFrame:
    """Returns the frame of version 1 that a text message holds.

    Raises:
        ProtocolError: ``bad_client_frame``, as `decode_json`, and for what
            version 1 does not have.
    """
    frame = _decode(data)
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


def _named_command(data: str | bytes) -> pb.CommandRequest | None:
    """Returns the ids of a command that can't be read; None where it has no usable one."""
    try:
        frame = json.loads(data)
    except (RecursionError, ValueError):
        return None
    command = frame.get("command") if isinstance(frame, dict) else None
    if not isinstance(command, dict):
        return None
    asked = pb.CommandRequest(
        request_id=_text(command, "requestId", "request_id"),
        command_id=_text(command, "commandId", "command_id"),
        session_id=_text(command, "sessionId", "session_id"),
    )
    return asked if asked.command_id else None


def _text(fields: Mapping[str, object], *names: str) -> str:
    """Returns a short text that a field has under one of its names; "" where there is none."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and len(value) <= MAX_ID_LENGTH and is_unicode(value):
            return value
    return ""


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
