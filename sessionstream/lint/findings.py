"""What the linter finds, and the codes that it has for it.

Codes keep their meaning; one that is dropped is not used again. Each has a page in
``sessionstream/doc/pages/lint``.

    SV0xx  the linter itself
    SV1xx  payload types
    SV2xx  projections
    SV3xx  handlers and what they call
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

CODES: dict[str, str] = {
    "SV001": "a suppression that suppresses nothing",
    "SV101": "a payload type without a shape",
    "SV102": "a wrapper as a payload type",
    "SV201": "a projection that is not pure",
    "SV202": "an event without a projection",
    "SV203": "a UI event that no snapshot covers",
    "SV301": "a handler that swallows cancellation",
    "SV302": "a blocking call in a handler",
    "SV303": "a payload that is changed after it was published",
}
"""Every code and what it stands for."""

UNUSED_SUPPRESSION = "SV001"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake. Lines count from 1, columns from 0; ``last_line`` is where its code ends."""

    line: int
    column: int
    code: str
    message: str
    last_line: int


@dataclass(frozen=True, slots=True, order=True)
class Reported:
    """A finding and the file that it is in, as it is shown; columns count from 1."""

    path: str
    line: int
    column: int
    code: str
    message: str


def found(code: str, node: ast.AST, message: str, *, last_line: int = 0) -> Finding:
    """Returns the finding at a node of the syntax tree.

    Args:
        code: One of `CODES`.
        node: A statement, expression or clause; it has a place.
        message: What is wrong and what to do, in one line.
        last_line: Where a suppression may stand at the latest, if not at the node's end.
    """
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end = last_line or getattr(node, "end_lineno", None) or line
    return Finding(line, column, code, message, end)
