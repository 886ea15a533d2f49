"""JSON values as values of scalar fields."""

from __future__ import annotations

import re
import struct
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from math import inf, isinf, nan
from typing import Any, TypeAlias

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from sessionstream.codec.field_error import FieldError, described
from sessionstream.codec.shapes import is_null_value

# Turns a JSON value into a value for a field, of whatever type the field has.
Reader: TypeAlias = Callable[[object], Any]

# Python would also read underscores, spaces, "nan", and the digits of any script.
_NUMBER = re.compile(r"[-+.0-9eE]+")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NOT_FINITE = {"Infinity": inf, "-Infinity": -inf, "NaN": nan}
_FLOAT32 = struct.Struct("<f")
_URL_SAFE = str.maketrans("-_", "+/")


def scalar_reader(field: FieldDescriptor) -> Reader:
    """Returns what reads one value of a field that holds no messages; it raises `FieldError`.

    Whether an integer is in the range of the field is left to the field.
    """
    if field.enum_type is None:
        return _READERS[field.cpp_type] if field.type != FieldDescriptor.TYPE_BYTES else _bytes
    return _enum_reader(field.enum_type, takes_null=is_null_value(field))


def key_reader(field: FieldDescriptor) -> Reader:
    """Returns what reads a key of a map: names in JSON are strings."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _bool_key
    return scalar_reader(field)


def text(value: object) -> str:
    """Reads a string that is valid Unicode."""
    if not isinstance(value, str):
        raise FieldError(f"a string was expected, not {described(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FieldError("the string has half of a surrogate pair") from None
    return value


def double(value: object) -> float:
    """Reads a 64-bit float: a number, or a string with one or with what is not finite."""
    number = _number(value)
    if isinf(number) and value not in _NOT_FINITE:
        raise FieldError("the number is too large")
    return number


def _float(value: object) -> float:
    """Reads a 32-bit float; digits that round to the largest one are that one."""
    number = double(value)
    try:
        _FLOAT32.pack(number)
    except OverflowError:
        raise FieldError("the number is too large for 32 bits") from None
    return number


def _number(value: object) -> float:
    if isinstance(value, str):
        if value in _NOT_FINITE:
            return _NOT_FINITE[value]
        if _NUMBER.fullmatch(value):
            return _parsed(float, value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return _parsed(float, value)
    raise FieldError(f"a number was expected, not {described(value)}")


def _integer(value: object) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(_parsed(int, value))
    number = _number(value)
    if not number.is_integer():
        raise FieldError("an integer was expected")
    return int(number)


def _parsed(parse: Callable[[Any], float], value: object) -> float:
    try:
        return parse(value)
    except (OverflowError, ValueError):
        raise FieldError(f"{described(value)} is no number that fits") from None


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldError(f"true or false was expected, not {described(value)}")
    return value


def _bool_key(value: object) -> bool:
    if value not in {"true", "false"}:
        raise FieldError(f'"true" or "false" was expected, not {described(value)}')
    return value == "true"


def _bytes(value: object) -> bytes:
    """Reads base64 in either alphabet, with padding or without."""
    digits = text(value).translate(_URL_SAFE).rstrip("=")
    try:
        return a2b_base64(digits + "=" * (-len(digits) % 4), strict_mode=True)
    except (Base64Error, ValueError):
        raise FieldError(f"base64 was expected, not {described(value)}") from None


def _enum_reader(enum: EnumDescriptor, *, takes_null: bool) -> Reader:
    numbers = {name: value.number for name, value in enum.values_by_name.items()}
    known = set(numbers.values()) if enum.is_closed else None

    def read(value: object) -> int:
        if isinstance(value, str):
            if value in numbers:
                return numbers[value]
            if not _INTEGER.fullmatch(value):
                raise FieldError(f"{enum.full_name} has no value {described(value)}")
        elif value is None and takes_null:
            return 0
        number = _integer(value)
        if known is not None and number not in known:
            raise FieldError(f"{enum.full_name} has no value {number}")
        return number

    return read


_READERS: dict[int, Reader] = {
    FieldDescriptor.CPPTYPE_BOOL: _bool,
    FieldDescriptor.CPPTYPE_DOUBLE: double,
    FieldDescriptor.CPPTYPE_FLOAT: _float,
    FieldDescriptor.CPPTYPE_INT32: _integer,
    FieldDescriptor.CPPTYPE_INT64: _integer,
    FieldDescriptor.CPPTYPE_STRING: text,
    FieldDescriptor.CPPTYPE_UINT32: _integer,
    FieldDescriptor.CPPTYPE_UINT64: _integer,
}
