"""The codes of error frames, refused commands and closes, all of them."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    """Codes of error frames, and of acknowledgements that refuse a command or tell its failure.

    None of them closes the connection. A client of version 1 gets the first three only.
    """

    BAD_CLIENT_FRAME = "bad_client_frame"
    PROTOCOL_ERROR = "protocol_error"
    SUBSCRIBE_DENIED = "subscribe_denied"
    CANNOT_RESUME = "cannot_resume"
    TOO_MANY_SUBSCRIPTIONS = "too_many_subscriptions"
    UNAUTHENTICATED = "unauthenticated"
    RATE_LIMITED = "rate_limited"
    # A session that can't be read now, or a command that can't be taken in now.
    UNAVAILABLE = "unavailable"
    # Of commands.
    UNKNOWN_COMMAND = "unknown_command"
    BAD_PAYLOAD = "bad_payload"
    COMMAND_DENIED = "command_denied"
    NO_HANDLER = "no_handler"
    CONFLICT = "conflict"
    COMMAND_ID_REUSED = "command_id_reused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class CloseCode(IntEnum):
    """Codes with which a server closes (RFC 6455 section 7.4; 4000 and up are ours)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013
    # The client takes nothing of what it is sent. One that reads nothing sees
    # the end only.
    SLOW_CLIENT = 4008
    # It did not authenticate in time, or what it was let in with has expired.
    UNAUTHENTICATED = 4401
    # What it was let in with was revoked.
    REVOKED = 4403
    # It is silent, and answers no ping.
    SILENT_CLIENT = 4408
    TOO_MANY_OF_PRINCIPAL = 4429
