"""What is wrong with a .proto file, where, and what to do about it.

Codes keep their meaning; one that is dropped is not used again.

    SS001  an unknown plugin parameter
    SS002  a file whose path is no Python module path
    SS003  an extension of another package under sessionstream's number
    SS004  a prefix from which no class names can be made
    SS101  roles that exclude each other
    SS102  a shapeless message with a role
    SS103  an ephemeral event that nobody could see
    SS201  an entity without a key
    SS202  an entity with several keys
    SS203  a key that can't be an id
    SS204  a key outside of an entity
    SS301  a malformed name
    SS302  a name that is taken
    SS401  a message that gets no Python name
    SS402  Python names that collide
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sessionstream_codegen.model import Position


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One error of the user. Sorts by place; without one it comes first."""

    position: Position | None
    code: str
    message: str

    def __str__(self) -> str:
        text = f"error: [{self.code}] {self.message}"
        if self.position is None:
            return text
        return f"{self.position.path}:{self.position.line}:{self.position.column}: {text}"


def quoted(text: str) -> str:
    """Returns text of the user's in quotes, on one line whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def report(diagnostics: Iterable[Diagnostic]) -> str:
    """Returns the diagnostics one a line, each once, sorted by place."""

    def place(diagnostic: Diagnostic) -> tuple[Position, str, str]:
        return diagnostic.position or Position(""), diagnostic.code, diagnostic.message

    return "\n".join(str(diagnostic) for diagnostic in sorted(set(diagnostics), key=place))
