"""Lays code out as `ruff format` would, so that nothing has to run it afterwards.

One bracket is broken in three steps: all on one line; its items together on
a line of their own; one item a line, each with a comma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Union

LINE_LENGTH = 100
_STEP = 4


@dataclass(frozen=True, slots=True)
class Bracket:
    """A call, a tuple, a subscript: what opens it, its items, what closes it."""

    head: str
    items: Sequence[Item]
    tail: str
    exploded: bool = False

    def __str__(self) -> str:
        return f"{self.head}{', '.join(str(item) for item in self.items)}{self.tail}"

    @property
    def must_explode(self) -> bool:
        """Whether it, or something in it, is to have one item a line in any case."""
        return self.exploded or any(
            isinstance(item, Bracket) and item.must_explode for item in self.items
        )


Item = Union[str, Bracket]


def lay_out(item: Item, indent: int = 0, trailing: str = "") -> str:
    """Returns the code, indented, with ``trailing`` on its last line."""
    margin = " " * indent
    whole = f"{margin}{item}{trailing}"
    if isinstance(item, str) or not (item.must_explode or len(whole) > LINE_LENGTH):
        return whole
    inner = indent + _STEP
    together = " " * inner + ", ".join(str(part) for part in item.items)
    if not item.must_explode and len(together) <= LINE_LENGTH:
        # ruff gives the comma to a sole parameter, not to a sole argument.
        sole = len(item.items) == 1 and item.head.startswith("def ")
        lines = [together + ("," if sole else "")]
    else:
        comma = "" if len(item.items) == 1 and not item.exploded else ","
        lines = [lay_out(part, inner, comma) for part in item.items]
    return "\n".join([f"{margin}{item.head}", *lines, _closing(item.tail + trailing, indent)])


def _closing(text: str, indent: int) -> str:
    """Returns what closes a bracket; the type of a function gets parentheses where it is long."""
    margin = " " * indent
    closing, arrow, returned = text.partition(" -> ")
    inside = f"{margin}{' ' * _STEP}{returned.removesuffix(':')}"
    if arrow and len(margin + text) > LINE_LENGTH >= len(inside):
        return f"{margin}{closing} -> (\n{inside}\n{margin}):"
    return margin + text


def assign(target: Item, value: Bracket, indent: int = 0) -> str:
    """Returns an assignment; a value that can't begin beside a long target gets parentheses.

    A target that is too long for these as well, and a bracket, is broken itself.
    """
    if isinstance(target, Bracket) and indent + len(f"{target} = (") > LINE_LENGTH:
        margin = " " * indent
        items = (lay_out(item, indent + _STEP) for item in target.items)
        first = "\n".join([f"{margin}{target.head}", *items])
        return f"{first}\n{_beside(f'{target.tail} = ', value, indent)}"
    return _beside(f"{target} = ", value, indent)


def give(value: Bracket, indent: int = 0) -> str:
    """Returns the statement that returns a value."""
    return _beside("return ", value, indent)


def _beside(opening: str, value: Bracket, indent: int) -> str:
    whole = replace(value, head=opening + value.head)
    lines = (f"{opening}(", " " * _STEP + value.head)
    if indent + len(whole.head) <= LINE_LENGTH or indent + max(map(len, lines)) > LINE_LENGTH:
        return lay_out(whole, indent)
    margin = " " * indent
    return f"{margin}{opening}(\n{lay_out(value, indent + _STEP)}\n{margin})"


def one_per_line(head: str, items: Sequence[Item], tail: str) -> Bracket:
    """Returns a collection that grows: two items or more have a line each."""
    return Bracket(head, items, tail, exploded=len(items) > 1)


def tuple_of(head: str, items: Sequence[str]) -> Item:
    """Returns the assignment of a tuple; one of a single item needs its comma."""
    if len(items) == 1:
        return f"{head}({items[0]},)"
    return one_per_line(f"{head}(", items, ")")
