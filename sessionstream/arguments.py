"""Refuses arguments that a type checker would have refused, before they do harm far away."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from sessionstream.types import is_unicode

# Frames have 64 bits for an ordinal.
_MAX_ORDINAL: Final = 2**64

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_type(what: str, value: object, wanted: type) -> None:
    """Refuses a value of another type.

    Raises:
        TypeError: It is of another type.
    """
    if not isinstance(value, wanted):
        raise TypeError(f"{what} is {_named(wanted)}; got {value!r}")


def check_whole(what: str, value: object) -> None:
    """Refuses what is no whole number.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what} is a whole number; got {value!r}")


def check_ordinal(what: str, value: object) -> None:
    """Refuses what can't be an ordinal.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is negative, or beyond what frames can hold.
    """
    check_whole(what, value)
    assert isinstance(value, int)
    if not 0 <= value < _MAX_ORDINAL:
        raise ValueError(f"{what} is 0 or more, and below 2**64; got {value}")


def check_text(what: str, value: object) -> None:
    """Refuses what is no text, empty, or can't be stored.

    Raises:
        TypeError: It is no string.
        ValueError: It is empty, or holds a lone surrogate.
    """
    if not isinstance(value, str):
        raise TypeError(f"{what} is a string; got {value!r}")
    if not value or not is_unicode(value):
        raise ValueError(f"{what} is valid text of 1 character or more; got {value!r}")


def check_amount(what: str, value: object, *, least: float = 0) -> None:
    """Refuses what is no finite number, or too small.

    Raises:
        TypeError: It is no number.
        ValueError: It is below ``least`` or not finite.
    """
    if not least <= _number(what, value) < math.inf:
        raise ValueError(f"{what} is {least} or more; got {value!r}")


def check_settings(settings: DataclassInstance, *, may_be_zero: Collection[str] = ()) -> None:
    """Refuses limits and times that are not above 0; fields of other types are passed over.

    A field that is declared as ``int`` takes whole numbers, one with ``None`` takes that.

    Raises:
        TypeError: One is no number.
        ValueError: One is not above 0, or not finite.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        wanted = str(field.type).split(" | ")
        if value is None and "None" in wanted:
            continue
        if "int" in wanted:
            check_whole(field.name, value)
        elif "float" not in wanted:
            continue
        if field.name in may_be_zero:
            check_amount(field.name, value)
        elif not 0 < _number(field.name, value) < math.inf:
            raise ValueError(f"{field.name} must be above 0 and finite; got {value!r}")


def check_callable(what: str, value: object, method: str | None = None) -> None:
    """Refuses what can't be called, or has no such method.

    Raises:
        TypeError: It can't, or has not.
    """
    if method is None and not callable(value):
        raise TypeError(f"{what} is called; got {value!r}, which can't be")
    if method is not None and not callable(getattr(value, method, None)):
        raise TypeError(f"{what} has a method {method!r}; got {value!r}, which has not")


def check_several(what: str, values: Iterable[str]) -> None:
    """Refuses one string for several.

    Raises:
        TypeError: It is one string, whose letters nobody meant.
    """
    if isinstance(values, str):
        raise TypeError(f"{what} are several; got the one {values!r}, put it into a list")


def _number(what: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{what} is a number; got {value!r}")
    return value


def _named(wanted: type) -> str:
    return f"{'an' if wanted.__name__[0] in 'AEIOU' else 'a'} {wanted.__name__}"
