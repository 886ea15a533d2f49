"""What imports are sorted by: as isort and ruff have it by default."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

ImportNode = ast.Import | ast.ImportFrom

_DIGITS = re.compile(r"(\d+)")
_Natural = tuple[tuple[str | int, ...], str]
MemberKey = tuple[int, _Natural]
Key = tuple[int, int, _Natural, MemberKey]


def module_of(node: ImportNode) -> str:
    """Returns the module as the statement writes it; of several the first."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def top_of(module: str) -> str:
    """Returns the package at the top; empty for a relative import."""
    return module.partition(" ")[0].partition(".")[0]


def node_key(node: ImportNode) -> Key:
    """Returns what a statement is sorted by."""
    names = [f"{one.name} as {one.asname}" if one.asname else one.name for one in node.names]
    return statement_key(module_of(node) if isinstance(node, ast.ImportFrom) else "", names)


def statement_key(module: str, names: Sequence[str]) -> Key:
    """Returns what the import of names from a module is sorted by; without one, ``import name``.

    Of relative imports the one from furthest above is the first.
    """
    dots = len(module) - len(module.lstrip("."))
    if not module:
        return 0, 0, _natural(names[0]), (0, _natural(""))
    return 1, -dots, _natural(module), member_key(names[0])


def member_key(name: str) -> tuple[int, _Natural]:
    """Constants stand before classes, and these before all else."""
    name = name.partition(" ")[0]
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, _natural(name)


def _natural(name: str) -> _Natural:
    """Numbers count as such, and capitals only between names that are the same without them."""
    parts = _DIGITS.split(name.lower())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name


def is_ascending(keys: Sequence[tuple[object, ...]]) -> bool:
    """Says whether keys, all of one kind, stand in order."""
    return list(keys) == sorted(keys)
