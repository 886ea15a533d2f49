"""Messages as JSON objects of their fields, in the order of the field numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import copysign
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from sessionstream.codec.field_text import WriterOf, field_name, field_writer
from sessionstream.codec.scalar_text import Writer

# From so many fields on, most are not set: asking each takes longer than having
# those listed that are.
_MANY_FIELDS = 32

_FLOATS = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)

# By their names, the heads and writers of the members of a oneof.
Members: TypeAlias = dict[str, tuple[str, Writer]]


# What to do for one field, or for one oneof: its name; what tells whether the
# field is set, or which member of the oneof is (none where a field is set that
# is not empty); a comma, the name in JSON and a colon; what writes the value.
# A plain tuple: Python takes no other so quickly apart.
Step: TypeAlias = tuple[str, Callable[[Any, Any], Any] | None, str, Any]


def is_writable(descriptor: Descriptor) -> bool:
    """Whether the fields have names of their own in JSON, and none that of an Any's type."""
    names = Counter(field.json_name for field in descriptor.fields)
    return names.total() == len(names) and "@type" not in names


def is_sparse(descriptor: Descriptor) -> bool:
    """Whether fields are better listed than asked for; extensions can only be listed."""
    return descriptor.is_extendable or len(descriptor.fields) >= _MANY_FIELDS


def listing_writer(writer_of: WriterOf) -> Writer:
    """Returns what writes messages by the list of the fields that are set."""
    writers = _FieldWriters(writer_of)

    def write(message: Message, opening: str = "") -> str:
        text = "".join([writers[field](value) for field, value in message.ListFields()])
        return f"{opening}{text}}}" if opening else f"{{{text[1:]}}}"

    return write


class _FieldWriters(dict[FieldDescriptor, Writer]):
    """What writes a field with its name: any field, since extensions come at any time."""

    def __init__(self, writer_of: WriterOf) -> None:
        super().__init__()
        self._writer_of = writer_of

    def __missing__(self, field: FieldDescriptor) -> Writer:
        head, value = _head(field), field_writer(field, self._writer_of)
        self[field] = writer = lambda given: head + value(given)
        return writer


def stepping_writer(steps: Sequence[Step]) -> Writer:
    """Returns what writes messages by these steps, which may be filled in later.

    Encoding spends its time in this loop.
    """

    def write(message: Message, opening: str = "") -> str:
        text = ""
        for name, find, head, writer in steps:
            if find is None:
                if value := getattr(message, name):
                    text += head + writer(value)
            elif found := find(message, name):
                if found is True:
                    text += head + writer(getattr(message, name))
                else:
                    head, writer = writer[found]
                    text += head + writer(getattr(message, found))
        return f"{opening}{text}}}" if opening else f"{{{text[1:]}}}"

    return write


def steps_of(descriptor: Descriptor, writer_of: WriterOf) -> Iterator[Step]:
    """Yields the steps for messages of a type, in the order of the field numbers."""
    # A method of the class is found at once; one of a message is looked up
    # among its fields first.
    message_class = GetMessageClass(descriptor)
    fields = sorted(descriptor.fields, key=lambda field: field.number)
    done: set[str] = set()
    for field in fields:
        oneof = field.containing_oneof
        if oneof is not None and _is_together(oneof, fields):
            if oneof.name not in done:
                done.add(oneof.name)
                yield oneof.name, message_class.WhichOneof, "", _members(oneof, writer_of)
            continue
        find: Callable[[Any, Any], Any] | None = None
        if field.has_presence:
            find = message_class.HasField
        elif field.cpp_type in _FLOATS and not field.is_repeated:
            find = _is_not_zero
        yield field.name, find, _head(field), field_writer(field, writer_of)


def _is_not_zero(message: Message, name: str) -> bool:
    """Whether a float is set that has no presence: -0.0 is, though it is nothing to Python."""
    value: float = getattr(message, name)
    return bool(value) or copysign(1, value) < 0


def _members(oneof: OneofDescriptor, writer_of: WriterOf) -> Members:
    return {field.name: (_head(field), field_writer(field, writer_of)) for field in oneof.fields}


def _head(field: FieldDescriptor) -> str:
    return f",{field_name(field)}:"


def _is_together(oneof: OneofDescriptor, fields: Sequence[FieldDescriptor]) -> bool:
    """Whether a oneof has several members and no other field has a number between theirs."""
    places = [place for place, field in enumerate(fields) if field.containing_oneof is oneof]
    return 1 < len(places) == places[-1] - places[0] + 1
