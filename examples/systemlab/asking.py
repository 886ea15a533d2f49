"""What a page asks for: a JSON object, read field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from systemlab.checking import JSON


class LabError(Exception):
    """What was asked for can't be done. The text says why, for the visitor."""


class Asked:
    """The fields of a request's JSON object; each is checked when it is read."""

    def __init__(self, fields: Mapping[str, JSON]) -> None:
        self._fields = fields

    def text(self, name: str, default: str | None = None, *, longest: int = 500) -> str:
        """Returns a text.

        Raises:
            LabError: It is missing, none, or too long.
        """
        value = self._fields.get(name, default)
        if not isinstance(value, str):
            raise LabError(f"{name!r} must be a text")
        if len(value) > longest:
            raise LabError(f"{name!r} has {len(value)} characters; {longest} are allowed")
        return value

    def number(self, name: str, default: int | None = None, *, lowest: int, highest: int) -> int:
        """Returns a whole number.

        Raises:
            LabError: It is missing, none, or out of bounds.
        """
        value = self._fields.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise LabError(f"{name!r} must be a whole number")
        if not lowest <= value <= highest:
            raise LabError(f"{name!r} must be from {lowest} to {highest}; it is {value}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Returns true or false.

        Raises:
            LabError: It is neither.
        """
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise LabError(f"{name!r} must be true or false")
        return value

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """Returns one of several texts.

        Raises:
            LabError: It is none of them.
        """
        value = self._fields.get(name, default)
        if not isinstance(value, str) or value not in choices:
            raise LabError(f"{name!r} must be one of {', '.join(choices)}")
        return value

    def objects(self, name: str, *, most: int = 5000) -> list[Mapping[str, JSON]]:
        """Returns a list of objects; empty where it is missing.

        Raises:
            LabError: It is something else, or too long.
        """
        value = self._fields.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise LabError(f"{name!r} must be a list of at most {most} objects")
        found = [each for each in value if isinstance(each, dict)]
        if len(found) != len(value):
            raise LabError(f"{name!r} must be a list of objects")
        return list(found)
