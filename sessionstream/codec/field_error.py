"""What is wrong with a JSON value, and where it stands."""

from __future__ import annotations

from typing import NoReturn

# A client chooses names and values, and may choose long ones.
_MOST_SHOWN = 60


class FieldError(ValueError):
    """A JSON value that a message can't hold.

    It is raised where the value is found, and gets its path on the way out.
    ``field`` is the innermost name on that path.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = ""
        self._path = ""

    def inside(self, name: str) -> FieldError:
        """Adds the name of the field, or of the entry, that the value is inside of."""
        self.field = self.field or shown(name)
        return self._within(shown(name))

    def at(self, index: int) -> FieldError:
        """Adds the place of the value in a list."""
        return self._within(f"[{index}]")

    def _within(self, outer: str) -> FieldError:
        dot = "." if self._path and not self._path.startswith("[") else ""
        self._path = f"{outer}{dot}{self._path}"
        return self

    def __str__(self) -> str:
        return f"{self._path}: {self.reason}" if self._path else self.reason


class UnknownFieldError(FieldError):
    """A name that the message type does not have."""


def refuse(reason: str) -> NoReturn:
    """Raises a `FieldError`."""
    raise FieldError(reason)


def shown(text: str) -> str:
    """Returns what a message may show of a text: it is short, printable and valid Unicode."""
    cut = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]


def described(value: object) -> str:
    """Returns what a message calls a JSON value."""
    if isinstance(value, str):
        return f'"{shown(value)}"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"
