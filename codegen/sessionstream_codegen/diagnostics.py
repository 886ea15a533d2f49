"""What is wrong with a .proto file, where, and what to do about it.

Codes keep their meaning; one that is dropped is not used again. Each has a page in
``sessionstream/doc/pages/diagnostics``.

    SS0xx  the run: parameters, files, options that can't be read
    SS1xx  roles
    SS2xx  keys
    SS3xx  names on the wire
    SS4xx  names in Python
    SS5xx  changes that break stored sessions or clients
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sessionstream_codegen.model import Position


class Severity(Enum):
    """Whether code is generated in spite of it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """Another place that has to do with it, and what is there."""

    position: Position
    message: str

    def __str__(self) -> str:
        return f"{self.position}: note: {self.message}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. Without a position it is about the run as a whole."""

    position: Position | None
    code: str
    message: str
    notes: tuple[Note, ...] = ()
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Returns a line for it and a line for each note."""
        at = "" if self.position is None else f"{self.position}: "
        head = f"{at}{self.severity.value}: [{self.code}] {self.message}"
        return "\n".join([head, *map(str, self.notes)])


def quoted(text: str) -> str:
    """Returns text of the user's in quotes, on one line whatever it holds."""
    written = json.dumps(text, ensure_ascii=False)
    # JSON lets through what ends a line or turns its direction for some readers.
    return "".join(
        letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in written
    )


def report(diagnostics: Iterable[Diagnostic]) -> str:
    """Returns the diagnostics as lines, each once, sorted by place; those without one first."""

    def place(diagnostic: Diagnostic) -> tuple[Position, str, str]:
        return diagnostic.position or Position(""), diagnostic.code, diagnostic.message

    return "\n".join(str(diagnostic) for diagnostic in sorted(set(diagnostics), key=place))
