"""Well-known types that are something else in JSON than an object of their fields."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TypeAlias

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from sessionstream.codec.field_text import WriterOf
from sessionstream.codec.message_text import is_writable
from sessionstream.codec.scalar_text import Writer, double_text, quote, scalar_writer
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


def special_writer(descriptor: Descriptor, writer_of: WriterOf) -> Writer | None:
    """Returns what writes messages of a type that has a form of its own in JSON."""
    if is_wrapper(descriptor):
        return _wrapper_writer(descriptor)
    if descriptor.full_name in TEXT_TYPES:
        return _text
    if descriptor.full_name == ANY:
        return _any_writer(writer_of)
    return _STRUCTURES.get(descriptor.full_name)


def _wrapper_writer(descriptor: Descriptor) -> Writer:
    write = scalar_writer(descriptor.fields_by_name["value"])
    return lambda message: write(message.value)


def _text(message: Timestamp | Duration) -> str:
    return f'"{message.ToJsonString()}"'


def _value_text(message: Value) -> str:
    kind = message.WhichOneof("kind")
    if kind == "string_value":
        return quote(message.string_value)
    if kind == "number_value":
        if not isfinite(message.number_value):
            raise ValueError("a Value that is not finite would be read back as a string")
        return double_text(message.number_value)
    if kind == "bool_value":
        return "true" if message.bool_value else "false"
    if kind == "struct_value":
        return _struct_text(message.struct_value)
    if kind == "list_value":
        return _list_text(message.list_value)
    return "null"


def _struct_text(message: Struct) -> str:
    fields = message.fields
    return f"{{{','.join([f'{quote(key)}:{_value_text(fields[key])}' for key in fields])}}}"


def _list_text(message: ListValue) -> str:
    return f"[{','.join(map(_value_text, message.values))}]"


_STRUCTURES: dict[str, Writer] = {
    VALUE: _value_text,
    STRUCT: _struct_text,
    LIST_VALUE: _list_text,
}


# How messages of one type stand in an Any: what its object begins with, what
# parses them, what writes them, and whether that is no object of their fields.
_Packed: TypeAlias = tuple[str, Callable[[bytes], Message], Writer, bool]


def packed_writer(descriptor: Descriptor, writer_of: WriterOf) -> Writer:
    """Returns what writes messages of a type as they stand in an Any.

    Raises:
        ValueError: `google.protobuf.json_format` has to do that.
    """
    head = _head(f"type.googleapis.com/{descriptor.full_name}", descriptor)
    writer = writer_of(descriptor)
    if has_own_form(descriptor):
        return lambda message: f'{head},"value":{writer(message)}}}'
    return lambda message: writer(message, head)


def _head(url: str, descriptor: Descriptor) -> str:
    if not is_writable(descriptor):
        raise ValueError(f"names in {descriptor.full_name} are not its own")
    return f'{{"@type":{quote(url)}'


def _any_writer(writer_of: WriterOf) -> Writer:
    def pack(url: str, descriptor: Descriptor) -> _Packed:
        parse = GetMessageClass(descriptor).FromString
        return _head(url, descriptor), parse, writer_of(descriptor), has_own_form(descriptor)

    packed_types = ByTypeUrl(pack)

    def write(message: AnyMessage) -> str:
        url = message.type_url
        if not url and not message.value:
            return "{}"
        head, parse, writer, has_form = packed_types[url]
        packed = parse(message.value)
        return f'{head},"value":{writer(packed)}}}' if has_form else writer(packed, head)

    return write
