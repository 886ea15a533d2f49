"""Random messages of any type, with values that have a form in JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from tests.codec.message_types import message_class

# Deep and wide enough for every rule; what goes beyond is slow to draw.
_LEVELS = 3
_FIELDS = 5
_ITEMS = 3

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    # JSON has one NaN only.
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(allow_nan=False) | st.just(math.nan),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(allow_nan=False, width=32) | st.just(math.nan),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_STRING: _TEXT,
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
}
# What an Any may hold: objects of fields, and types with a form of their own.
_PACKED = (
    "kinds.v3.Scalars",
    "kinds.v3.WellKnown",
    "kinds.v3.Tree",
    "kinds.v3.Maps",
    "kinds.v2.Open",
    "chatdemo.v1.ChatMessageUpdate",
    "google.protobuf.Empty",
    "google.protobuf.Duration",
    "google.protobuf.Int64Value",
    "google.protobuf.Struct",
    "google.protobuf.Value",
    "google.protobuf.Any",
)


@st.composite
def messages(draw: st.DrawFn, descriptor: Any, levels: int = _LEVELS) -> Message:
    """Messages of a type; from the last level on they hold only what they must."""
    message = GetMessageClass(descriptor)()
    fill = _SPECIAL.get(descriptor.full_name)
    if fill is not None:
        fill(draw, message, levels)
        return message
    fields = [*descriptor.fields]
    if descriptor.is_extendable:
        fields += descriptor_pool.Default().FindAllExtensions(descriptor)
    chosen = (
        draw(st.lists(st.sampled_from(fields), max_size=_FIELDS, unique=True)) if fields else []
    )
    for field in fields:
        if field.is_required or (field in chosen and levels > 0):
            _set(draw, message, field, levels)
    return message


def _set(draw: st.DrawFn, message: Message, field: FieldDescriptor, levels: int) -> None:
    """Sets a field to a random value."""
    value = _container(message, field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        keys, values = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for key in draw(st.lists(_scalar(keys), max_size=_ITEMS, unique=True)):
            if values.message_type is None:
                value[key] = draw(_scalar(values))
            else:
                value[key].CopyFrom(draw(messages(values.message_type, levels - 1)))
    elif field.is_repeated and field.message_type is not None:
        inner = messages(field.message_type, levels - 1)
        value.extend(draw(st.lists(inner, max_size=_ITEMS)))
    elif field.is_repeated:
        value.extend(draw(st.lists(_scalar(field), max_size=_ITEMS)))
    elif field.message_type is not None:
        value.CopyFrom(draw(messages(field.message_type, levels - 1)))
        value.SetInParent()
    elif field.is_extension:
        message.Extensions[field] = draw(_scalar(field))  # type: ignore[index]
    else:
        setattr(message, field.name, draw(_scalar(field)))


def _container(message: Message, field: FieldDescriptor) -> Any:
    if field.is_extension:
        return message.Extensions[field]  # type: ignore[index]
    return getattr(message, field.name)


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        if field.enum_type.full_name == "google.protobuf.NullValue":
            return st.just(0)
        known = st.sampled_from(sorted(field.enum_type.values_by_number))
        return known if field.enum_type.is_closed else known | st.integers(-(2**31), 2**31 - 1)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    return _SCALARS[field.cpp_type]


def _fill_any(draw: st.DrawFn, message: Any, levels: int) -> None:
    if levels > 0 and draw(st.booleans()):
        packed = message_class(draw(st.sampled_from(_PACKED)))
        message.Pack(draw(messages(packed.DESCRIPTOR, levels - 1)), deterministic=True)


def _fill_time(draw: st.DrawFn, message: Any, _levels: int) -> None:
    message.seconds = draw(st.integers(-62135596800, 253402300799))
    message.nanos = draw(_nanos())


def _fill_duration(draw: st.DrawFn, message: Any, _levels: int) -> None:
    sign = draw(st.sampled_from([-1, 1]))
    message.seconds = sign * draw(st.integers(0, 315576000000))
    message.nanos = sign * draw(_nanos())


def _nanos() -> st.SearchStrategy[int]:
    digits = st.integers(0, 999)
    return st.sampled_from([0, 1, 10**3, 10**6]).flatmap(lambda unit: digits.map(unit.__mul__))


def _fill_mask(draw: st.DrawFn, message: Any, _levels: int) -> None:
    message.paths.extend(
        draw(st.lists(st.from_regex(r"[a-z]+(_[a-z]+)*(\.[a-z]+)?", fullmatch=True), max_size=2))
    )


def _fill_value(draw: st.DrawFn, message: Any, levels: int) -> None:
    kind = draw(st.sampled_from(["null", "number", "string", "bool", "struct", "list"]))
    if levels <= 0 or kind == "null":
        message.null_value = 0
    elif kind == "struct":
        message.struct_value.SetInParent()
        _fill_struct(draw, message.struct_value, levels)
    elif kind == "list":
        message.list_value.SetInParent()
        _fill_list(draw, message.list_value, levels)
    else:
        finite = st.floats(allow_nan=False, allow_infinity=False)
        values = {"number": finite, "string": _TEXT, "bool": st.booleans()}
        setattr(message, f"{kind}_value", draw(values[kind]))


def _fill_struct(draw: st.DrawFn, message: Any, levels: int) -> None:
    for key in draw(st.lists(_TEXT, max_size=_ITEMS, unique=True)):
        _fill_value(draw, message.fields[key], levels - 1)


def _fill_list(draw: st.DrawFn, message: Any, levels: int) -> None:
    for _ in range(draw(st.integers(0, _ITEMS))):
        _fill_value(draw, message.values.add(), levels - 1)


_SPECIAL: dict[str, Callable[[st.DrawFn, Any, int], None]] = {
    "google.protobuf.Any": _fill_any,
    "google.protobuf.Duration": _fill_duration,
    "google.protobuf.FieldMask": _fill_mask,
    "google.protobuf.ListValue": _fill_list,
    "google.protobuf.Struct": _fill_struct,
    "google.protobuf.Timestamp": _fill_time,
    "google.protobuf.Value": _fill_value,
}
