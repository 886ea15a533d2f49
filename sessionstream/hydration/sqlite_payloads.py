"""Payloads in a file: deterministic bytes beside their full message name."""

from __future__ import annotations

from google.protobuf.message import EncodeError, Message

from sessionstream.errors import PayloadDecodeError, SchemaError, StoreError, UnknownNameError


def encode_payload(
    location: str, session_id: str, name: str, payload: Message
) -> tuple[str, bytes]:
    """Returns the message name and the bytes of what a session has under a name.

    Raises:
        StoreError: It lacks a required field.
    """
    try:
        return payload.DESCRIPTOR.full_name, payload.SerializeToString(deterministic=True)
    except (EncodeError, ValueError) as error:
        reason = f"session {session_id!r}: {name!r} can't be encoded: {error}"
        raise StoreError(location, reason) from error


def check_stored_type(message_type: type[Message], stored_type: str) -> type[Message]:
    """Returns the registered type where it is the stored one.

    Raises:
        PayloadDecodeError: It is another.
    """
    expected = message_type.DESCRIPTOR.full_name
    if stored_type != expected:
        raise PayloadDecodeError(expected, f"it was stored as {stored_type}")
    return message_type


def unreadable_reason(error: SchemaError, stored_type: str) -> str:
    """Returns why a payload can't be read, and what to do about it."""
    if not isinstance(error, UnknownNameError):
        return str(error)
    return (
        f"it was stored as {stored_type}, but no {error.role} {error.name!r} is registered; "
        "register it again"
    )
