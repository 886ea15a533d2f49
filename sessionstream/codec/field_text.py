"""Values of fields as JSON text: single ones, lists and maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sessionstream.codec.scalar_text import Writer, quote, scalar_writer
from sessionstream.codec.shapes import is_map

# Gives the writer of a message type; it may be asked for within that type.
WriterOf: TypeAlias = Callable[[Descriptor], Writer]


def field_name(field: FieldDescriptor) -> str:
    """Returns the field's name in JSON, quoted."""
    return quote(f"[{field.full_name}]" if field.is_extension else field.json_name)


def field_writer(field: FieldDescriptor, writer_of: WriterOf) -> Writer:
    """Returns what writes the whole value of a field."""
    if is_map(field):
        return _map_writer(field, writer_of)
    element = value_writer(field, writer_of)
    return _list_writer(element) if field.is_repeated else element


def value_writer(field: FieldDescriptor, writer_of: WriterOf) -> Writer:
    """Returns what writes one value of a field."""
    if field.message_type is not None:
        return writer_of(field.message_type)
    return scalar_writer(field)


def _list_writer(element: Writer) -> Writer:
    def write(values: Sequence[object]) -> str:
        return f"[{','.join(map(element, values))}]"

    return write


def _map_writer(field: FieldDescriptor, writer_of: WriterOf) -> Writer:
    assert field.message_type is not None
    entry = field.message_type.fields_by_name
    of_key = _key_writer(entry["key"])
    of_value = value_writer(entry["value"], writer_of)

    def write(entries: Mapping[object, object]) -> str:
        return f"{{{','.join([f'{of_key(key)}:{of_value(entries[key])}' for key in entries])}}}"

    return write


def _key_writer(key: FieldDescriptor) -> Writer:
    """Names in JSON are strings, whatever the type of the keys."""
    if key.type == FieldDescriptor.TYPE_STRING:
        return quote
    if key.type == FieldDescriptor.TYPE_BOOL:
        return {False: '"false"', True: '"true"'}.__getitem__
    return lambda value: f'"{value}"'
