"""What a client is told when a command can't be taken in: a code, and no text of ours."""

from __future__ import annotations

import json

from sessionstream.codec.field_error import FieldError
from sessionstream.errors import (
    CommandIdReusedError,
    HandlerError,
    HubClosedError,
    PayloadDecodeError,
    PayloadValueError,
    SchemaError,
    SessionIdError,
    SessionStreamError,
    StoreError,
    UnknownNameError,
)
from sessionstream.transport.http.problems import ProblemError

RETRY_AFTER = (("retry-after", "1"),)


def refusal(error: SessionStreamError) -> ProblemError | None:
    """Returns the problem that an error of `SessionSource.accept` is; None for any other."""
    match error:
        case UnknownNameError():
            return ProblemError("unknown_command", f"there is no command {error.name!r}")
        case PayloadDecodeError():
            return ProblemError("bad_payload", f"not a {error.expected}: {_reason(error)}")
        case PayloadValueError():
            return ProblemError("bad_payload", f"the payload is refused: {error.reason}")
        case SchemaError():
            return ProblemError("bad_payload", "the payload is refused")
        case HandlerError():
            return ProblemError("no_handler", "this server does not run that command")
        case CommandIdReusedError():
            return ProblemError("command_id_reused", "this key is that of another command")
        case SessionIdError():
            return ProblemError("protocol_error", str(error))
        case StoreError() | HubClosedError():
            message = "no command can be taken in at the moment"
            return ProblemError("unavailable", message, headers=RETRY_AFTER)
        case _:
            return None


def _reason(error: PayloadDecodeError) -> str:
    # A client gets no text of an unexpected exception, only what the codec says itself.
    cause = error.__cause__
    if isinstance(cause, FieldError):
        return str(cause)
    return f"no JSON: {cause}" if isinstance(cause, json.JSONDecodeError) else "it can't be read"
