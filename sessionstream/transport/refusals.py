"""What a client is told when its command can't be taken in: a code, and no text of ours."""

from __future__ import annotations

import json

from sessionstream.codec.field_error import FieldError
from sessionstream.errors import (
    CommandIdReusedError,
    HandlerError,
    HubClosedError,
    PayloadDecodeError,
    PayloadValueError,
    ProtocolError,
    SchemaError,
    SessionIdError,
    StoreError,
    UnknownNameError,
)
from sessionstream.transport.codes import ErrorCode

# Of a name that nobody knows, so much is repeated.
_SHOWN = 80


def refusal(error: Exception) -> ProtocolError | None:
    """Returns what an error of `SessionSource.accept` means to the client; None for any other.

    A `ProtocolError` means what it says.
    """
    match error:
        case ProtocolError():
            return error
        case UnknownNameError():
            message = f"there is no command {error.name[:_SHOWN]!r}"
            return ProtocolError(ErrorCode.UNKNOWN_COMMAND, message)
        case PayloadDecodeError():
            return _bad_payload(f"not a {error.expected}: {_reason(error)}")
        case PayloadValueError():
            return _bad_payload(f"the payload is refused: {error.reason}")
        case SchemaError():
            return _bad_payload("the payload is refused")
        case HandlerError():
            return ProtocolError(ErrorCode.NO_HANDLER, "this server does not run that command")
        case CommandIdReusedError():
            message = "this id is that of another command; give each command one of its own"
            return ProtocolError(ErrorCode.COMMAND_ID_REUSED, message)
        case SessionIdError():
            return ProtocolError(ErrorCode.PROTOCOL_ERROR, str(error))
        case HubClosedError():
            return ProtocolError(ErrorCode.UNAVAILABLE, "the server is ending; try again")
        case StoreError():
            message = "the command could not be stored; try again"
            return ProtocolError(ErrorCode.UNAVAILABLE, message)
        case _:
            return None


def _bad_payload(message: str) -> ProtocolError:
    return ProtocolError(ErrorCode.BAD_PAYLOAD, message)


def _reason(error: PayloadDecodeError) -> str:
    # A client gets no text of an unexpected exception, only what the codec says itself.
    cause = error.__cause__
    if isinstance(cause, FieldError):
        return str(cause)
    return f"no JSON: {cause}" if isinstance(cause, json.JSONDecodeError) else "it can't be read"
