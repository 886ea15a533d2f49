"""JSON values into fields: single ones, lists and maps."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from sessionstream.codec.field_error import FieldError, described, refuse
from sessionstream.codec.scalar_values import Reader, key_reader, scalar_reader
from sessionstream.codec.shapes import holds_value, is_map, is_null_value

# A JSON object as it is parsed: what stands in it, in order, twice if it stands
# there twice. Lists are lists, so the two can be told apart.
JsonObject: TypeAlias = tuple[tuple[str, object], ...]
# Reads a JSON value into a message; the number is how deep that is.
MessageReader: TypeAlias = Callable[[Any, object, int], None]
MessageReaderOf: TypeAlias = Callable[[Descriptor], MessageReader]


def getter(field: FieldDescriptor) -> Callable[[Message], Any]:
    """Returns what gets the value of the field: a message in it, or its list or map."""
    if field.is_extension:
        return lambda message: message.Extensions[field]  # type: ignore[index]
    return attrgetter(field.name)


def takes_null(field: FieldDescriptor) -> bool:
    """Whether null is a value of the field; for others it says that they are not set."""
    return not field.is_repeated and (holds_value(field) or is_null_value(field))


def field_reader(field: FieldDescriptor, reader_of: MessageReaderOf) -> MessageReader:
    """Returns what reads a JSON value into a field of the message that it is given."""
    if is_map(field):
        return _map_reader(field, reader_of)
    if field.is_repeated:
        return _list_reader(field, reader_of)
    if field.message_type is None:
        return _scalar_reader(field)
    get, read = getter(field), reader_of(field.message_type)

    def read_field(message: Message, value: object, depth: int) -> None:
        inner = get(message)
        inner.SetInParent()
        read(inner, value, depth + 1)

    return read_field


def _scalar_reader(field: FieldDescriptor) -> MessageReader:
    name, read = field.name, scalar_reader(field)

    def read_field(message: Message, value: object, _depth: int) -> None:
        setattr(message, name, read(value))

    def read_extension(message: Message, value: object, _depth: int) -> None:
        message.Extensions[field] = read(value)  # type: ignore[index]

    return read_extension if field.is_extension else read_field


def _list_reader(field: FieldDescriptor, reader_of: MessageReaderOf) -> MessageReader:
    get = getter(field)
    add = _message_adder(field, reader_of) if field.message_type else _scalar_adder(field)

    def read_field(message: Message, value: object, depth: int) -> None:
        if not isinstance(value, list):
            raise FieldError(f"a list was expected, not {described(value)}")
        if not value:
            return  # an extension is set by asking for its list
        container = get(message)
        for index, item in enumerate(value):
            try:
                add(container, item, depth)
            except FieldError as error:
                error.at(index)
                raise
            except (TypeError, ValueError) as error:
                raise FieldError(str(error)).at(index) from error

    return read_field


def _message_adder(
    field: FieldDescriptor, reader_of: MessageReaderOf
) -> Callable[[Any, object, int], None]:
    assert field.message_type is not None
    read = reader_of(field.message_type)
    return lambda container, item, depth: read(container.add(), item, depth + 1)


def _scalar_adder(field: FieldDescriptor) -> Callable[[Any, object, int], None]:
    read = scalar_reader(field)
    return lambda container, item, _depth: container.append(read(item))


def _map_reader(field: FieldDescriptor, reader_of: MessageReaderOf) -> MessageReader:
    assert field.message_type is not None
    entry = field.message_type.fields_by_name
    get, read_key = getter(field), key_reader(entry["key"])
    put = _entry_putter(entry["value"], reader_of)

    def read_field(message: Message, value: object, depth: int) -> None:
        if not isinstance(value, tuple):
            raise FieldError(f"an object was expected, not {described(value)}")
        container = get(message)
        for name, item in value:
            try:
                key = read_key(name)
                if key in container:
                    refuse("the key is given twice")
                put(container, key, item, depth)
            except FieldError as error:
                error.inside(name)
                raise
            except (TypeError, ValueError) as error:
                raise FieldError(str(error)).inside(name) from error

    return read_field


def _entry_putter(
    field: FieldDescriptor, reader_of: MessageReaderOf
) -> Callable[[Any, Any, object, int], None]:
    if field.message_type is None:
        return _scalar_putter(scalar_reader(field))
    read = reader_of(field.message_type)
    return lambda container, key, item, depth: read(container[key], item, depth + 1)


def _scalar_putter(read: Reader) -> Callable[[Any, Any, object, int], None]:
    return lambda container, key, item, _depth: container.__setitem__(key, read(item))
