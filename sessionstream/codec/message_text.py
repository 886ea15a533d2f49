"""Messages as JSON objects of their fields, in the order of the field numbers."""

from __future__ import annotations

from collections import Counter

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from sessionstream.codec.field_text import WriterOf, field_name, field_writer
from sessionstream.codec.scalar_text import Writer

# From so many fields on, most are not set: asking each takes longer than having
# those listed that are.
_MANY_FIELDS = 32


def is_writable(descriptor: Descriptor) -> bool:
    """Whether the fields have names of their own in JSON, and none that of an Any's type."""
    names = Counter(field.json_name for field in descriptor.fields)
    return names.total() == len(names) and "@type" not in names


def head_of(field: FieldDescriptor) -> str:
    """Returns what stands before the value: a comma, the field's name in JSON and a colon."""
    return f",{field_name(field)}:"


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
        head, value = head_of(field), field_writer(field, self._writer_of)
        self[field] = writer = lambda given: head + value(given)
        return writer
