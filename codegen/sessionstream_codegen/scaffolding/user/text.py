"""The text of a user's Python file, by lines. It only grows: no character of it changes."""

from __future__ import annotations

import re
import tokenize
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BOM = "\ufeff"
# What Python takes for the end of a line; `str.splitlines` knows more.
_LINE_ENDS = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to stand after a line; 0 is the top of the file. Its last line gets its end.

    With a ``column`` it stands in the line, before the character of that number.
    What is ``first`` stands above all else that goes there.
    """

    line: int
    text: str
    column: int | None = None
    first: bool = False


class UserText:
    """A file that Python parses. Lines count from 1, as in `ast`.

    Raises:
        tokenize.TokenError: Python does not parse it.
    """

    def __init__(self, text: str) -> None:
        self._bom = _BOM if text.startswith(_BOM) else ""
        self.lines: Sequence[str] = _LINE_ENDS.split(text.removeprefix(_BOM))
        end = _END.search(text)
        self._newline = end[0] if end else "\n"
        lines = iter([f"{line.rstrip(chr(13) + chr(10))}\n" for line in self.lines if line])
        tokens = list(tokenize.generate_tokens(lambda: next(lines, "")))
        self._ends = [token.start[0] for token in tokens if token.type == tokenize.NEWLINE]
        self._shared = {token.start[0] for token in tokens if token.string == ";"}
        self._indents = [
            (token.start[0], token.string) for token in tokens if token.type == tokenize.INDENT
        ]

    def statement_end(self, line: int) -> int:
        """Returns the last line of the logical line that ``line`` is in.

        More than one statement may stand in it, the last one in many lines.
        """
        return self._ends[bisect_left(self._ends, line)]

    def block_end(self, line: int, margin: str) -> int:
        """Returns the end of a block whose last statement ends in ``line``, after its comments.

        A comment is the block's if it stands further in than ``margin``.
        """
        last = self.statement_end(line)
        for number, text in enumerate(self.lines[last:], last + 1):
            if not text.strip():
                continue
            inner = text.removeprefix(margin)
            if not text.startswith(margin) or not inner[:1].isspace() or text.strip()[0] != "#":
                break
            last = number
        return last

    def is_alone(self, line: int) -> bool:
        """Says whether a line has no semicolon that parts statements."""
        return line not in self._shared

    def margin(self, line: int) -> str:
        """Returns the white space that a line begins with."""
        text = self.lines[line - 1]
        return text[: len(text) - len(text.lstrip())]

    def indent(self, line: int) -> str:
        """Returns the white space before the statements of the block that ``line`` opens."""
        end = self.statement_end(line)
        return next((space for row, space in self._indents if row > end), "")

    def is_blank(self, line: int) -> bool:
        """Says whether nothing stands in a line, or the file ends before it."""
        return line > len(self.lines) or not self.lines[line - 1].strip()

    @property
    def last(self) -> int:
        """The number of the last line; 0 in an empty file."""
        return len(self.lines) - (not self.lines[-1])

    def with_insertions(self, insertions: Iterable[Insertion]) -> str:
        """Returns the text with the insertions, those of one line in their order."""
        lines = list(self.lines)
        # From the bottom up, so that the numbers of the lines above stay right.
        ordered = sorted(insertions, key=lambda one: (one.line, one.column or 0, not one.first))
        for insertion in ordered[::-1]:
            if insertion.column is not None:
                whole, at = lines[insertion.line - 1], insertion.column
                code = insertion.text.replace("\n", self._newline)
                lines[insertion.line - 1] = whole[:at] + code + whole[at:]
                continue
            if insertion.line and not _END.search(lines[insertion.line - 1]):
                lines[insertion.line - 1] += self._newline
            added = f"{insertion.text}\n".replace("\n", self._newline)
            lines.insert(insertion.line, added)
        return self._bom + "".join(lines)
