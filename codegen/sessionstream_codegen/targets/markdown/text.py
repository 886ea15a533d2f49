"""Text of a .proto file as Markdown: it says what the comment says, whatever is in it.

Paragraphs, lists, code blocks and what stands between backticks stay what they
are. All else is escaped, so that no comment opens a tag, a link, a heading, a
formula or a cell of a table (GitHub Flavored Markdown Spec).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(r"[\\`*\[\]<|$~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
# What would begin a heading, a quotation, a list or a rule.
_BLOCK_START = re.compile(r"\d{1,9}(?=[.)])|(?=[#>+=-])")
_ITEM = re.compile(r"\s*(?:[-*+•]|(\d{1,9})[.)])\s+(?=\S)")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_TABLE_ROW = re.compile(r"\s*\|")
_INDENTED = re.compile(r"\s{2}")


class _Kind(Enum):
    PROSE = "prose"
    ITEM = "item"
    CODE = "code"


@dataclass(slots=True)
class _Block:
    """A paragraph, an item of a list, or lines that stay as they are."""

    kind: _Kind
    lines: list[str] = field(default_factory=list)
    number: str = ""
    """Of an item; empty where the list has none."""

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())


def code(text: str) -> str:
    """Returns the text between backticks."""
    ticks = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{padding}{text}{padding}{ticks}"


def inline(text: str) -> str:
    """Returns a line of text: escaped, but for what stands between backticks."""
    return "".join(_spans(text, lambda span: span))


def paragraphs(comment: str) -> list[str]:
    """Returns the blocks of a comment as Markdown, to be set apart by blank lines."""
    found: list[str] = []
    before: _Kind | None = None
    for block in _blocks(comment):
        shown = _shown(block)
        if before is block.kind is _Kind.ITEM:
            found[-1] += f"\n{shown}"
        else:
            found.append(shown)
        before = block.kind
    return found


def cell(comment: str) -> str:
    """Returns a comment as the content of a table's cell: one line."""
    return "<br>".join(line for block in _blocks(comment) for line in _cell_lines(block))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Returns a table; the cells are Markdown without line breaks."""
    names = list(head)
    lines: list[Iterable[str]] = [names, ["---"] * len(names), *rows]
    return "\n".join(f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in row)}|" for row in lines)


def _spans(text: str, shown: Callable[[str], str]) -> Iterator[str]:
    end = 0
    for span in _CODE_SPAN.finditer(text):
        yield _escape(text[end : span.start()])
        yield shown(span[0])
        end = span.end()
    yield _escape(text[end:])


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _cell_lines(block: _Block) -> Iterator[str]:
    if block.kind is _Kind.CODE:
        yield from (_code_in_cell(code(line.strip())) for line in block.lines if line.strip())
    else:
        yield _mark(block, "•") + "".join(_spans(block.text, _code_in_cell))


def _code_in_cell(span: str) -> str:
    # A bar ends the cell within code as well, and a backslash before it can't be written there.
    return _escape(span.strip("`")) if "|" in span and "\\" in span else span.replace("|", r"\|")


def _shown(block: _Block) -> str:
    if block.kind is _Kind.CODE:
        text = textwrap.dedent("\n".join(block.lines)).strip("\n")
        fence = "`" * max(3, _longest_run(text) + 1)
        return f"{fence}text\n{text}\n{fence}"
    text = inline(block.text)
    start = _BLOCK_START.match(text)
    begun = f"{start[0]}\\{text[start.end() :]}" if start else text
    return _mark(block, "-") + begun


def _mark(block: _Block, bullet: str) -> str:
    if block.kind is not _Kind.ITEM:
        return ""
    return f"{block.number}. " if block.number else f"{bullet} "


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _blocks(comment: str) -> Iterator[_Block]:
    """Yields what has content; a fence holds everything up to the next one."""
    for block in _raw_blocks(comment):
        if block.text:
            yield block


def _raw_blocks(comment: str) -> Iterator[_Block]:
    block = _Block(_Kind.PROSE)
    fenced = touching = False
    for line in comment.split("\n"):
        if _FENCE.match(line):
            yield block
            fenced, touching = not fenced, False
            block = _Block(_Kind.CODE if fenced else _Kind.PROSE)
        elif fenced:
            block.lines.append(line)
        elif not line.strip():
            touching = False
        else:
            kind, item = _kind(line, block.kind, touching=touching), _ITEM.match(line)
            if not touching or kind is not block.kind or item:
                yield block
                block = _Block(kind, number=item[1] or "" if item else "")
            block.lines.append(line[item.end() :] if item else line)
            touching = True
    yield block


def _kind(line: str, before: _Kind, *, touching: bool) -> _Kind:
    """Returns what a line is, below a block of the kind ``before``."""
    if _ITEM.match(line):
        return _Kind.ITEM
    if _TABLE_ROW.match(line) or (_INDENTED.match(line) and before is not _Kind.ITEM):
        return _Kind.CODE
    return _Kind.ITEM if touching and before is _Kind.ITEM else _Kind.PROSE
