"""Stored payloads of older types: how each becomes what its event holds now."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from google.protobuf.message import DecodeError, Message

from sessionstream.errors import DuplicateNameError, PayloadDecodeError, SchemaError
from sessionstream.payloads import check_payload, copy_payload
from sessionstream.records import text_of

O = TypeVar("O", bound=Message)  # noqa: E741 the old type
N = TypeVar("N", bound=Message)


@dataclass(frozen=True, slots=True)
class _Former:
    """A name that a message had before; its bytes are those of ``message_type``."""

    message_type: type[Message]

    def __str__(self) -> str:
        return f"a former name of {self.message_type.DESCRIPTOR.full_name}"


@dataclass(frozen=True, slots=True)
class _Step:
    """The way from one type to the next."""

    message_type: type[Message]
    new: type[Message]
    upcast: Callable[[Message], object]

    def __str__(self) -> str:
        return f"upcast to {self.new.DESCRIPTOR.full_name}"


class Upcasters:
    """The older payload types of each event.

    An upcaster leads from an older type to the event's own, or to an older
    type that has an upcaster already. So every way that can be registered
    ends at the event's own type, and none is a circle.
    """

    def __init__(self) -> None:
        # By the event's name and the full name under which a payload is stored.
        self._older: dict[tuple[str, str], _Former | _Step] = {}

    def add(
        self,
        event: str,
        current: type[Message],
        old: type[O],
        new: type[N],
        upcast: Callable[[O], N],
    ) -> None:
        """Adds an upcaster; see `SchemaRegistry.register_upcaster`."""
        what = f"an upcaster of event {event!r}"
        for given in (old, new):
            if not (isinstance(given, type) and issubclass(given, Message)):
                raise SchemaError(f"{what} leads from a message class to another; got {given!r}")
        if not callable(upcast) or inspect.iscoroutinefunction(upcast):
            raise SchemaError(f"{what} is a plain function; got {upcast!r}")
        erased = cast(Callable[[Message], object], upcast)
        self._add(event, current, old.DESCRIPTOR.full_name, _Step(old, new, erased), new)

    def add_former(
        self, event: str, current: type[Message], former: str, message_type: type[Message]
    ) -> None:
        """Adds a former name; see `SchemaRegistry.register_former_type`."""
        if not isinstance(former, str) or not former or former != former.strip():
            raise SchemaError(f"a former type is the full name of a message; got {former!r}")
        self._add(event, current, former, _Former(message_type), message_type)

    def _add(
        self,
        event: str,
        current: type[Message],
        stored_type: str,
        older: _Former | _Step,
        target: type[Message],
    ) -> None:
        full_name = current.DESCRIPTOR.full_name
        if stored_type == full_name:
            raise SchemaError(
                f"event {event!r} takes {full_name} itself; it needs no upcaster and is no "
                "former type of its own"
            )
        known = self._older.get((event, stored_type))
        if known is not None:
            role, advice = f"older type of event {event!r}", "Register each older type once"
            raise DuplicateNameError(role, stored_type, str(known), str(older), advice)
        if target is not current and not self._leads_on(event, target):
            raise SchemaError(
                f"event {event!r}: {stored_type} is read as {target.DESCRIPTOR.full_name}, which "
                f"is neither the event's {full_name} nor upcast to it; give the event's class, or "
                "register the upcasters of newer types first"
            )
        self._older[event, stored_type] = older

    def _leads_on(self, event: str, message_type: type[Message]) -> bool:
        step = self._older.get((event, message_type.DESCRIPTOR.full_name))
        return isinstance(step, _Step) and step.message_type is message_type

    def read(self, event: str, current: type[Message], stored_type: str, data: bytes) -> Message:
        """Returns the stored payload as a message of the event's own type.

        Raises:
            PayloadDecodeError: It was stored as a type that nothing leads from,
                its bytes are damaged, or an upcaster raised.
            SchemaError: An upcaster made what the event can't hold.
        """
        expected = current.DESCRIPTOR.full_name
        if stored_type == expected:
            return parsed(current, stored_type, data)
        older = self._older.get((event, stored_type))
        if older is None:
            reason = (
                f"it was stored as {stored_type}; register an upcaster for that type or, where "
                "the message was only renamed, its former name"
            )
            raise PayloadDecodeError(expected, reason)
        payload = parsed(older.message_type, stored_type, data)
        while type(payload) is not current:
            step = self._older[event, payload.DESCRIPTOR.full_name]
            assert isinstance(step, _Step), "ensured when it was added"
            payload = _upcast(event, step, payload)
        return payload

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts the upcasters back as they are now."""
        older = dict(self._older)

        def restore() -> None:
            self._older = older

        return restore


def parsed(message_type: type[Message], stored_type: str, data: bytes) -> Message:
    """Returns the message that the bytes hold.

    Raises:
        PayloadDecodeError: They hold none.
    """
    try:
        return message_type.FromString(data)
    except DecodeError as error:
        reason = f"it was stored as {stored_type}, but its bytes are damaged"
        raise PayloadDecodeError(message_type.DESCRIPTOR.full_name, reason) from error


def _upcast(event: str, step: _Step, payload: Message) -> Message:
    try:
        made = step.upcast(payload)
    except Exception as error:  # user code
        old, new = step.message_type.DESCRIPTOR.full_name, step.new.DESCRIPTOR.full_name
        reason = f"the upcaster from {old} raised {type(error).__name__}: {text_of(error)}"
        raise PayloadDecodeError(new, reason) from error
    check_payload("event", event, step.new, made)
    assert isinstance(made, Message)
    return copy_payload(made)
