"""Values of scalar fields as JSON text."""

from __future__ import annotations

import struct
from binascii import b2a_base64
from collections.abc import Callable
from json.encoder import encode_basestring as quote
from math import isfinite, isnan
from typing import TypeAlias

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from sessionstream.codec.shapes import is_null_value

__all__ = ["Writer", "double_text", "quote", "scalar_writer"]

# Turns the value of a field, of whatever type the field has, into JSON text.
Writer: TypeAlias = Callable[..., str]

_FLOAT32 = struct.Struct("<f")
# So many digits tell any two 32-bit floats apart.
_MOST_DIGITS = 9


def scalar_writer(field: FieldDescriptor) -> Writer:
    """Returns what writes one value of a field that holds no messages."""
    if field.enum_type is not None:
        return _enum_writer(field)
    return _WRITERS[field.type]


def double_text(value: float) -> str:
    """Returns a 64-bit float; what is not finite is a string in JSON."""
    return repr(value) if isfinite(value) else _not_finite(value)


def _float_text(value: float) -> str:
    """Returns a 32-bit float with as few digits as give it back, 6 at least."""
    if not isfinite(value):
        return _not_finite(value)
    for digits in range(6, _MOST_DIGITS):
        shorter = float(f"{value:.{digits}g}")
        if _as_float32(shorter) == value:
            return repr(shorter)
    return repr(float(f"{value:.{_MOST_DIGITS}g}"))


def _as_float32(value: float) -> float:
    rounded: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    return rounded


def _not_finite(value: float) -> str:
    if isnan(value):
        return '"NaN"'
    return '"Infinity"' if value > 0 else '"-Infinity"'


def _quoted_integer(value: int) -> str:
    return f'"{value}"'


def _bytes_text(value: bytes) -> str:
    return f'"{b2a_base64(value, newline=False).decode()}"'


class _EnumTexts(dict[int, str]):
    """The quoted names of an enum's values by number; others are numbers in JSON."""

    def __init__(self, enum: EnumDescriptor) -> None:
        by_number = enum.values_by_number
        super().__init__((number, quote(by_number[number].name)) for number in by_number)
        self._is_closed = enum.is_closed
        self._name = enum.full_name

    def __missing__(self, number: int) -> str:
        if self._is_closed:
            raise ValueError(f"{self._name} has no value {number}")
        return str(number)


def _enum_writer(field: FieldDescriptor) -> Writer:
    if is_null_value(field):
        return lambda _: "null"
    assert field.enum_type is not None
    return _EnumTexts(field.enum_type).__getitem__


_WRITERS: dict[int, Writer] = {
    FieldDescriptor.TYPE_BOOL: {False: "false", True: "true"}.__getitem__,
    FieldDescriptor.TYPE_BYTES: _bytes_text,
    FieldDescriptor.TYPE_DOUBLE: double_text,
    FieldDescriptor.TYPE_FIXED32: str,
    FieldDescriptor.TYPE_FIXED64: _quoted_integer,
    FieldDescriptor.TYPE_FLOAT: _float_text,
    FieldDescriptor.TYPE_INT32: str,
    FieldDescriptor.TYPE_INT64: _quoted_integer,
    FieldDescriptor.TYPE_SFIXED32: str,
    FieldDescriptor.TYPE_SFIXED64: _quoted_integer,
    FieldDescriptor.TYPE_SINT32: str,
    FieldDescriptor.TYPE_SINT64: _quoted_integer,
    FieldDescriptor.TYPE_STRING: quote,
    FieldDescriptor.TYPE_UINT32: str,
    FieldDescriptor.TYPE_UINT64: _quoted_integer,
}
