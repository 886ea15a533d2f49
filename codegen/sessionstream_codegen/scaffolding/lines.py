"""Lines of code whose imported names are filled in later: a file may have its own for them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Union

from sessionstream_codegen.targets.python.layout import LINE_LENGTH, Bracket, Item, lay_out

_STEP = 4


@dataclass(frozen=True, slots=True)
class Let:
    """An assignment; the operands are joined by ``or``."""

    target: str
    operands: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code, so many steps in. Imported names stand in braces."""

    code: Union[Item, Let]
    depth: int = 0
    comment: bool = False

    @property
    def imported(self) -> Iterator[str]:
        """The template names of what it refers to; a comment refers to nothing."""
        for text in () if self.comment else _texts(self.code):
            yield from (field for _, field, _, _ in Formatter().parse(text) if field)

    def laid_out(self, named: Mapping[str, str], indent: int) -> str:
        """Returns the code, indented, with imported names filled in."""
        margin = indent + self.depth * _STEP
        if isinstance(self.code, Let):
            return _lay_out_let(self.code, named, margin)
        if not self.comment:
            return lay_out(_filled(self.code, named), margin)
        return _lay_out_comment(_filled(self.code, named), margin)


def _texts(code: Union[Item, Let]) -> Iterator[str]:
    if isinstance(code, str):
        yield code
    elif isinstance(code, Let):
        yield code.target
        for operand in code.operands:
            yield from _texts(operand)
    else:
        yield from (code.head, code.tail)
        for item in code.items:
            yield from _texts(item)


def _filled(item: Item, named: Mapping[str, str]) -> Item:
    if isinstance(item, str):
        return item.format_map(named)
    items = [_filled(part, named) for part in item.items]
    return Bracket(item.head.format_map(named), items, item.tail.format_map(named), item.exploded)


def _lay_out_let(let: Let, named: Mapping[str, str], indent: int) -> str:
    """Returns an assignment; what is too long for its line gets parentheses."""
    margin, inner = " " * indent, indent + _STEP
    operands = [_filled(operand, named) for operand in let.operands]
    value = " or ".join(map(str, operands))
    whole = f"{margin}{let.target} = {value}"
    if len(whole) <= LINE_LENGTH:
        return whole
    if inner + len(value) <= LINE_LENGTH:
        lines = [" " * inner + value]
    elif len(operands) > 1:
        joined = [operands[0], *(_after("or ", operand) for operand in operands[1:])]
        lines = [lay_out(operand, inner) for operand in joined]
    else:
        return whole
    return "\n".join([f"{margin}{let.target} = (", *lines, f"{margin})"])


def _after(word: str, item: Item) -> Item:
    if isinstance(item, str):
        return word + item
    return Bracket(word + item.head, item.items, item.tail, item.exploded)


def _lay_out_comment(item: Item, indent: int) -> str:
    """Returns a comment; prose is wrapped, code is laid out."""
    width = LINE_LENGTH - indent - 2
    if isinstance(item, str):
        lines = textwrap.wrap(item, width, break_long_words=False, break_on_hyphens=False)
    else:
        lines = [line[indent + 2 :] for line in lay_out(item, indent + 2).split("\n")]
    return "\n".join(f"{' ' * indent}# {line}" for line in lines)
