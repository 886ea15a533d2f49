"""What may be a payload: of the declared type, storable, and where it is shown, valid JSON.

Payloads are checked where they enter. Later would be too late: the log would
hold an event that nobody can read back, or a snapshot that no client can get.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol, TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, EncodeError, Message

from sessionstream import codec
from sessionstream.errors import PayloadTypeError, PayloadValueError

P = TypeVar("P", bound=Message)
V = TypeVar("V", bound="Carrier")


class Carrier(Protocol):
    """An event, a UI event or an entity: a frozen value without slots, with a payload."""

    @property
    def payload(self) -> Any:
        """The payload; of an entity, perhaps None."""


# protobuf writes messages of any depth and reads none beyond 100 levels.
_MAX_DEPTH = 100

# Values of these types can lack a JSON form: an Any of an unknown type, a
# number that is not finite, a time out of range, a path of odd characters.
_NOT_ALWAYS_JSON = frozenset(
    f"google.protobuf.{name}"
    for name in ("Any", "Struct", "Value", "ListValue", "Timestamp", "Duration", "FieldMask")
)


def check_payload(role: str, name: str, expected: type[Message], payload: object) -> None:
    """Refuses what no store could keep, or is no instance of exactly the expected class.

    Raises:
        PayloadTypeError: It is of another type.
        PayloadValueError: Its required fields are not set, or it is nested
            deeper than protobuf reads.
    """
    if type(payload) is not expected:
        wanted, got = expected.DESCRIPTOR.full_name, describe(payload)
        if got == wanted:
            got += " of another descriptor pool"
        raise PayloadTypeError(role, name, wanted, got)
    if _is_always_storable(expected.DESCRIPTOR):
        return
    assert isinstance(payload, Message)
    if not payload.IsInitialized():
        raise PayloadValueError(role, name, "its required fields are not all set")
    if _can_be_too_deep(payload.DESCRIPTOR):
        try:
            expected.FromString(payload.SerializeToString())
        except (DecodeError, EncodeError, RecursionError):
            reason = f"it is nested more than {_MAX_DEPTH} levels deep"
            raise PayloadValueError(role, name, reason) from None


def check_json(role: str, name: str, payload: Message) -> None:
    """Refuses what clients can't be sent, because it has no JSON form.

    Raises:
        PayloadValueError: It holds such a value.
    """
    if not _may_lack_json(payload.DESCRIPTOR):
        return
    try:
        codec.encode_json(payload)
    except Exception as error:  # protobuf raises different ones, TypeError among them
        raise PayloadValueError(role, name, f"it has no JSON form: {error}") from error


def copy_payload(payload: P) -> P:
    """Returns a copy that shares nothing with the message."""
    return payload.__deepcopy__()


def with_own_payload(value: V) -> V:
    """Returns the value with a copy of its payload, of which there is one."""
    # `dataclasses.replace` goes through the constructor, at five times the cost.
    copy = object.__new__(type(value))
    attributes = copy.__dict__
    attributes.update(value.__dict__)
    attributes["payload"] = value.payload.__deepcopy__()
    return copy


def describe(payload: object) -> str:
    """What an error calls a value that was given for a payload."""
    if isinstance(payload, type):
        return f"the class {payload.__name__} itself"
    return payload.DESCRIPTOR.full_name if isinstance(payload, Message) else type(payload).__name__


@cache
def _types_within(descriptor: Descriptor) -> frozenset[Descriptor]:
    """All message types that a message of this type can hold, and its own."""
    seen: set[Descriptor] = set()
    waiting = [descriptor]
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            waiting.extend(_held_by(found))
    return frozenset(seen)


@cache
def _is_always_storable(descriptor: Descriptor) -> bool:
    """Whether no value of the type can lack a required field or be nested too deep."""
    return not _can_be_too_deep(descriptor) and not any(
        field.is_required for found in _types_within(descriptor) for field in found.fields
    )


@cache
def _can_be_too_deep(descriptor: Descriptor) -> bool:
    """Whether a type can hold itself somewhere, or has so many parts that it may be deep."""
    types = _types_within(descriptor)
    return len(types) >= _MAX_DEPTH or any(
        found.is_extendable or any(found in _types_within(held) for held in _held_by(found))
        for found in types
    )


@cache
def _may_lack_json(descriptor: Descriptor) -> bool:
    return any(found.full_name in _NOT_ALWAYS_JSON for found in _types_within(descriptor))


def _held_by(descriptor: Descriptor) -> list[Descriptor]:
    return [field.message_type for field in descriptor.fields if field.message_type is not None]
