"""JSON objects into messages."""

from __future__ import annotations

import re
from typing import TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from sessionstream.codec.field_error import FieldError, UnknownFieldError, described, refuse
from sessionstream.codec.field_values import (
    MessageReader,
    MessageReaderOf,
    field_reader,
    takes_null,
)

# A message that holds another is one level, and so is each value in a Struct.
_MAX_DEPTH = 100
_TOO_DEEP = f"it is nested more than {_MAX_DEPTH} levels deep"

_EXTENSION = re.compile(r"\[[\w.]+\]", re.ASCII)

# How a field is read: its full name; the oneof that it is a member of, if any;
# whether null is a value of it; what reads it.
Slot: TypeAlias = tuple[str, str | None, bool, MessageReader]


def check_depth(depth: int) -> None:
    """Refuses what is nested too deeply, before it can exhaust the stack."""
    if depth > _MAX_DEPTH:
        raise FieldError(_TOO_DEEP)


def message_reader(slots: dict[str, Slot]) -> MessageReader:
    """Returns what reads the fields of a message by their slots.

    Each field may be given once, under whichever of its names, and one member
    of each oneof.
    """

    def read(message: Message, value: object, depth: int) -> None:
        if type(value) is not tuple:
            raise FieldError(f"an object was expected, not {described(value)}")
        if depth > _MAX_DEPTH:
            raise FieldError(_TOO_DEEP)
        given = set()
        name = ""
        try:
            for name, item in value:
                field, oneof, nullable, read_field = slots[name]
                if field in given:
                    refuse("the field is given twice")
                given.add(field)
                if item is None and not nullable:
                    continue
                if oneof is not None:
                    if oneof in given:
                        refuse(f"another field of the oneof {oneof} is given too")
                    given.add(oneof)
                read_field(message, item, depth)
        except FieldError as error:
            error.inside(name)
            raise
        except (TypeError, ValueError) as error:
            raise FieldError(str(error)).inside(name) from error

    return read


class Slots(dict[str, Slot]):
    """How the fields of a message type are read, by the names that they have in JSON.

    Those are the name in JSON, the one in the schema, and for an extension its
    full name in brackets.
    """

    def __init__(self, descriptor: Descriptor, reader_of: MessageReaderOf) -> None:
        super().__init__()
        self._descriptor = descriptor
        # For extensions, whose slots are made when they are met.
        self._reader_of = reader_of

    def fill(self, make: MessageReaderOf) -> None:
        """Makes the slots of the fields, with what makes the readers of messages in them."""
        slots = [(field, _slot(field, make)) for field in self._descriptor.fields]
        self.update((field.name, slot) for field, slot in slots)
        self.update((field.json_name, slot) for field, slot in slots)

    def __missing__(self, name: str) -> Slot:
        field = self._extension(name)
        if field is None:
            raise UnknownFieldError(f"{self._descriptor.full_name} has no such field")
        self[name] = slot = _slot(field, self._reader_of)
        return slot

    def _extension(self, name: str) -> FieldDescriptor | None:
        if not (self._descriptor.is_extendable and _EXTENSION.fullmatch(name)):
            return None
        try:
            field = self._descriptor.file.pool.FindExtensionByName(name[1:-1])
        except KeyError:
            return None
        return field if field.containing_type is self._descriptor else None


def _slot(field: FieldDescriptor, reader_of: MessageReaderOf) -> Slot:
    oneof = field.containing_oneof
    return (
        field.full_name,
        oneof.full_name if oneof is not None else None,
        takes_null(field),
        field_reader(field, reader_of),
    )
