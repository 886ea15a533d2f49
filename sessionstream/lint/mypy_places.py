"""Which of mypy's types belongs to which expression of Python's syntax tree.

Both say where an expression is. mypy's newer parser gives wrong columns behind a
letter that is not ASCII (mypy 2.4); on such a line the calls, names and
attributes are told apart by their order instead.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mypy.nodes import CallExpr, Expression, MemberExpr, NameExpr
from mypy.types import Type

from sessionstream.lint.source import Source

_Place = tuple[int, int, int | None, int | None]
_Named = tuple[int, str, str]
"""The line, the kind and the name of an expression."""


def types_of(
    found: Mapping[Expression, Type], text: bytes, source: Source, *, exact: bool
) -> dict[_Place, Type]:
    """Returns mypy's types by the places that Python's tree has for their expressions.

    Args:
        found: The types by mypy's own nodes.
        text: The file.
        source: The same, parsed.
        exact: Whether mypy's columns can be trusted on every line.
    """
    odd = set[int]() if exact or text.isascii() else _lines_beyond_ascii(text)
    types = {
        (node.line, node.column, node.end_line, node.end_column): kind
        for node, kind in found.items()
        if node.line not in odd and node.end_line not in odd
    }
    return {**types, **dict(_by_order(found, odd, source))} if odd else types


def place(node: ast.expr) -> _Place:
    """Returns what an expression's type is found by."""
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _lines_beyond_ascii(text: bytes) -> set[int]:
    return {number for number, line in enumerate(text.splitlines(), start=1) if not line.isascii()}


def _by_order(
    found: Mapping[Expression, Type], odd: set[int], source: Source
) -> Iterator[tuple[_Place, Type]]:
    """Pairs the expressions that begin or end on odd lines, those of one name in their order."""
    theirs: defaultdict[_Named, list[Expression]] = defaultdict(list)
    ours: defaultdict[_Named, list[ast.expr]] = defaultdict(list)
    for node in found:
        if {node.line, node.end_line} & odd:
            theirs[node.line, *_their_name(node)].append(node)
    for own in source.nodes:
        if isinstance(own, ast.expr) and {own.lineno, own.end_lineno} & odd:
            ours[own.lineno, *_our_name(own)].append(own)
    for key, nodes in theirs.items():
        if key[1] and len(nodes) == len(ours[key]):
            nodes.sort(key=lambda node: (node.column, node.end_line or 0, node.end_column or 0))
            pairs = zip(nodes, sorted(ours[key], key=place), strict=True)
            yield from ((place(own), found[node]) for node, own in pairs)


def _their_name(node: Expression) -> tuple[str, str]:
    """The kind and the name of an expression that can be told from others of its line."""
    match node:
        case NameExpr(name=name):
            return "name", name
        case MemberExpr(name=name):
            return "attribute", name
        case CallExpr(callee=callee):
            return "call", _their_name(callee)[1]
    return "", ""


def _our_name(node: ast.expr) -> tuple[str, str]:
    match node:
        case ast.Name(id=name):
            return "name", name
        case ast.Attribute(attr=name):
            return "attribute", name
        case ast.Call(func=func):
            return "call", _our_name(func)[1]
    return "", ""
