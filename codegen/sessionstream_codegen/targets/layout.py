"""Lays code out as `ruff format` would, so that nothing has to run it afterwards.

One bracket is broken in three steps: all on one line; its items together on
a line of their own; one item a line, each with a comma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    return "\n".join([f"{margin}{item.head}", *lines, f"{margin}{item.tail}{trailing}"])


def assign(target: str, value: Bracket, indent: int = 0) -> str:
    """Returns an assignment; a value that can't begin beside a long target gets parentheses."""
    whole = Bracket(f"{target} = {value.head}", value.items, value.tail, value.exploded)
    beside = (f"{target} = (", " " * _STEP + value.head)
    if indent + len(whole.head) <= LINE_LENGTH or indent + max(map(len, beside)) > LINE_LENGTH:
        return lay_out(whole, indent)
    margin = " " * indent
    return f"{margin}{target} = (\n{lay_out(value, indent + _STEP)}\n{margin})"


def one_per_line(head: str, items: Sequence[Item], tail: str) -> Bracket:
    """Returns a collection that grows: two items or more have a line each."""
    return Bracket(head, items, tail, exploded=len(items) > 1)


def tuple_of(head: str, items: Sequence[str]) -> Item:
    """Returns the assignment of a tuple; one of a single item needs its comma."""
    if len(items) == 1:
        return f"{head}({items[0]},)"
    return one_per_line(f"{head}(", items, ")")
