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
    """A call, a tuple, a subscript: what opens it, its items, what closes it.

    A tuple of one is closed by ``,)``.
    """

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
    tail = item.tail.removeprefix(",")
    # ruff gives the comma to a sole parameter, not to a sole argument.
    sole = len(item.items) == 1 and (item.head.startswith("def ") or tail != item.tail)
    together = " " * inner + ", ".join(map(str, item.items)) + ("," if sole else "")
    if not item.must_explode and len(together) <= LINE_LENGTH:
        lines = [together]
    else:
        comma = "" if len(item.items) == 1 and not (sole or item.exploded) else ","
        lines = [lay_out(part, inner, comma) for part in item.items]
    return "\n".join([f"{margin}{item.head}", *lines, _closing(tail + trailing, indent)])


def _closing(text: str, indent: int) -> str:
    """Returns what closes a bracket; the type of a function gets parentheses where it is long."""
    margin, inside = " " * indent, " " * (indent + _STEP)
    closing, arrow, returned = text.removesuffix(":").partition(" -> ")
    outer, opening, inner = returned.removesuffix("]").partition("[")
    if not arrow or len(margin + text) <= LINE_LENGTH:
        return margin + text
    if opening:
        lines = [f"{margin}{closing} -> {outer}[", inside + inner, f"{margin}]:"]
    elif len(inside + returned) <= LINE_LENGTH:
        lines = [f"{margin}{closing} -> (", inside + returned, f"{margin}):"]
    else:
        return margin + text
    return "\n".join(lines)


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


def hint(name: str, of_type: str, indent: int = 0) -> str:
    """Returns the declaration of an attribute."""
    margin, inside = " " * indent, " " * (indent + _STEP)
    whole = f"{margin}{name}: {of_type}"
    if len(whole) <= LINE_LENGTH or len(inside + of_type) > LINE_LENGTH:
        return whole
    return f"{margin}{name}: (\n{inside}{of_type}\n{margin})"


def _beside(opening: str, value: Bracket, indent: int) -> str:
    whole, margin = replace(value, head=opening + value.head), " " * indent
    inside = f"{margin}{opening}(\n{lay_out(value, indent + _STEP)}\n{margin})"
    fits_inside = max(map(len, inside.split("\n"))) <= LINE_LENGTH
    if indent + len(whole.head) > LINE_LENGTH and fits_inside:
        return inside
    return lay_out(whole, indent)


def one_per_line(head: str, items: Sequence[Item], tail: str) -> Bracket:
    """Returns a collection that grows: two items or more have a line each."""
    return Bracket(head, items, tail, exploded=len(items) > 1)


def tuple_of(head: str, items: Sequence[Item]) -> Bracket:
    """Returns the assignment of a tuple; one of a single item needs its comma."""
    if len(items) == 1:
        return Bracket(f"{head}(", items, ",)")
    return one_per_line(f"{head}(", items, ")")
