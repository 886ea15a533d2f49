"""JSON values into well-known types that are something else in JSON than their fields."""

from __future__ import annotations

from typing import TypeAlias

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import EncodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from sessionstream.codec.field_error import FieldError, described, refuse, shown
from sessionstream.codec.field_values import JsonObject, MessageReader, MessageReaderOf
from sessionstream.codec.message_values import check_depth
from sessionstream.codec.scalar_values import double, scalar_reader, text
from sessionstream.codec.shapes import (
    ANY,
    LIST_VALUE,
    STRUCT,
    TEXT_TYPES,
    VALUE,
    has_own_form,
    is_wrapper,
)
from sessionstream.codec.type_urls import ByTypeUrl


def special_reader(descriptor: Descriptor, reader_of: MessageReaderOf) -> MessageReader | None:
    """Returns what reads messages of a type that has a form of its own in JSON."""
    if is_wrapper(descriptor):
        return _wrapper_reader(descriptor)
    if descriptor.full_name in TEXT_TYPES:
        return _read_text
    if descriptor.full_name == ANY:
        return _any_reader(reader_of)
    return _STRUCTURES.get(descriptor.full_name)


def _wrapper_reader(descriptor: Descriptor) -> MessageReader:
    read_scalar = scalar_reader(descriptor.fields_by_name["value"])

    def read(message: Message, value: object, _depth: int) -> None:
        message.value = read_scalar(value)  # type: ignore[attr-defined]  # all wrappers have it

    return read


def _read_text(message: Timestamp | Duration, value: object, _depth: int) -> None:
    try:
        message.FromJsonString(text(value))
    except (OverflowError, ValueError) as error:
        if isinstance(error, FieldError):
            raise
        reason = f"{described(value)} is no {message.DESCRIPTOR.full_name}"
        raise FieldError(reason) from error


def _read_value(message: Value, value: object, depth: int) -> None:
    check_depth(depth)
    if value is None:
        message.null_value = 0  # type: ignore[assignment]  # its only value
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, str):
        message.string_value = text(value)
    elif isinstance(value, (int, float)):
        message.number_value = double(value)
    elif isinstance(value, list):
        message.list_value.SetInParent()
        _read_list(message.list_value, value, depth)
    else:
        message.struct_value.SetInParent()
        _read_struct(message.struct_value, value, depth)


def _read_struct(message: Struct, value: object, depth: int) -> None:
    if not isinstance(value, tuple):
        raise FieldError(f"an object was expected, not {described(value)}")
    fields = message.fields
    for name, item in value:
        try:
            if text(name) in fields:
                refuse("the name is given twice")
            _read_value(fields[name], item, depth + 1)
        except FieldError as error:
            error.inside(name)
            raise


def _read_list(message: ListValue, value: object, depth: int) -> None:
    if not isinstance(value, list):
        raise FieldError(f"a list was expected, not {described(value)}")
    for index, item in enumerate(value):
        try:
            _read_value(message.values.add(), item, depth + 1)
        except FieldError as error:
            error.at(index)
            raise


_STRUCTURES: dict[str, MessageReader] = {
    VALUE: _read_value,
    STRUCT: _read_struct,
    LIST_VALUE: _read_list,
}


# How messages of one type stand in an Any: their class, what reads them, and
# whether that reads anything else than an object of their fields.
_Packed: TypeAlias = tuple[type[Message], MessageReader, bool]


def _any_reader(reader_of: MessageReaderOf) -> MessageReader:
    def unpack(_url: str, descriptor: Descriptor) -> _Packed:
        return GetMessageClass(descriptor), reader_of(descriptor), has_own_form(descriptor)

    packed_types = ByTypeUrl(unpack)

    def read(message: AnyMessage, value: object, depth: int) -> None:
        check_depth(depth)
        if not isinstance(value, tuple):
            raise FieldError(f"an object was expected, not {described(value)}")
        if not value:
            return
        url, fields = _parted(value)
        try:
            packed_class, read_packed, has_form = packed_types[url]
        except LookupError:
            raise FieldError(f"the type {described(url)} is not known").inside("@type") from None
        packed = packed_class()
        if has_form:
            _read_form(read_packed, packed, fields, depth + 1)
        else:
            read_packed(packed, fields, depth)
        message.type_url = url
        message.value = _serialized(packed)

    return read


def _parted(value: JsonObject) -> tuple[str, JsonObject]:
    """Returns the type URL of an Any, and what else stands in it."""
    fields = tuple([entry for entry in value if entry[0] != "@type"])
    if len(fields) != len(value) - 1:
        raise FieldError("one @type was expected")
    return text(dict(value)["@type"]), fields


def _serialized(packed: Message) -> bytes:
    try:
        return packed.SerializeToString(deterministic=True)
    except EncodeError as error:
        raise FieldError(shown(str(error))) from error


def _read_form(read: MessageReader, packed: Message, fields: JsonObject, depth: int) -> None:
    if [name for name, _ in fields] != ["value"]:
        reason = f"a {packed.DESCRIPTOR.full_name} stands under the name value, and nothing else"
        raise FieldError(reason)
    try:
        read(packed, fields[0][1], depth)
    except FieldError as error:
        error.inside("value")
        raise
