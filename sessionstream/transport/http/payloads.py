"""A command's message from the body of a request."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import DecodeError, Message

from sessionstream import codec
from sessionstream.errors import PayloadDecodeError
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.http.asking import single_header
from sessionstream.transport.http.negotiating import media_type
from sessionstream.transport.http.problems import ProblemCode, ProblemError

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"
_PROTOBUFS: Final = (PROTOBUF, "application/protobuf")


def check_form(request: ConnectionRequest) -> str:
    """Returns the media type of the body.

    One of these must be named: a page of another site can send a form or a
    plain text without asking this server first, but neither of these.

    Raises:
        ProblemError: ``unsupported_media_type``: it is another, or is compressed.
    """
    if (single_header(request, "content-encoding") or "identity").lower() != "identity":
        message = "a body comes without Content-Encoding"
        raise ProblemError(ProblemCode.UNSUPPORTED_MEDIA_TYPE, message)
    found = media_type(single_header(request, "content-type"))
    if found != JSON and found not in _PROTOBUFS:
        message = f"the Content-Type of a command is {JSON} or {PROTOBUF}"
        raise ProblemError(ProblemCode.UNSUPPORTED_MEDIA_TYPE, message)
    return found


def decode(message_type: type[Message], form: str, body: bytes) -> Message:
    """Returns the message. An empty body is one in which nothing is set, in both forms.

    Raises:
        PayloadDecodeError: The body holds none.
    """
    if form == JSON:
        return codec.decode_json(message_type, body or b"{}")
    try:
        return message_type.FromString(body)
    except (DecodeError, RecursionError) as error:
        expected = message_type.DESCRIPTOR.full_name
        raise PayloadDecodeError(expected, "its bytes can't be read") from error
