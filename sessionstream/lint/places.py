"""Where Python's syntax tree says that an expression is, and where mypy says so."""

from __future__ import annotations

import ast
from collections.abc import Container

from sessionstream.lint.source import Source

Place = tuple[int, int, int | None, int | None]
"""First line and column, last line and column."""

_SHARES = (2, 1, 0)
"""How often mypy leaves out the bytes of a character after its first, most likely first.

Python counts columns in bytes. mypy's older parser does the same; its newer one
turns bytes into characters, as of mypy 2.4 twice.
"""


class Places:
    """Turns Python's places in a file into those that mypy has of it.

    Args:
        text: The file.
        source: The same, parsed.
        known: The places that mypy has; which way it counts is told by them.
    """

    def __init__(self, text: bytes, source: Source, known: Container[Place]) -> None:
        self._lines = [] if text.isascii() else text.splitlines()
        self._share = 0
        if self._lines:
            nodes = [node for node in source.nodes if isinstance(node, ast.expr)]
            self._share = max(
                _SHARES, key=lambda share: sum(self._of(node, share) in known for node in nodes)
            )

    def of(self, node: ast.expr) -> Place:
        """Returns where mypy has an expression."""
        return self._of(node, self._share)

    def _of(self, node: ast.expr, share: int) -> Place:
        start = self._column(node.lineno, node.col_offset, share)
        end_line, end = node.end_lineno, node.end_col_offset
        if end_line is not None and end is not None:
            end = self._column(end_line, end, share)
        return node.lineno, start, end_line, end

    def _column(self, line: int, offset: int, share: int) -> int:
        if line > len(self._lines):
            return offset
        before = self._lines[line - 1][:offset]
        return offset - share * (len(before) - len(before.decode(errors="replace")))
