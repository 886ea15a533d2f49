"""More names for an import statement that is there."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sessionstream_codegen.scaffolding.user.import_keys import member_key, module_of
from sessionstream_codegen.scaffolding.user.text import Insertion, UserText
from sessionstream_codegen.targets.python.layout import LINE_LENGTH

_STEP = " " * 4


def grown(node: ast.ImportFrom, names: Sequence[str], text: UserText) -> list[Insertion]:
    """Returns what adds names to a statement whose own are sorted; nothing where none can.

    It can if it has all names on its line, or each on a line of its own with a comma.
    """
    known = [alias.name for alias in node.names]
    added: list[list[str]] = [[] for _ in range(len(known) + 1)]
    for name in names:
        added[sum(member_key(one) < member_key(name) for one in known)].append(name)
    head = f"from {module_of(node)} import "
    line = text.lines[node.lineno - 1].rstrip("\r\n")
    if line == f"{head}{', '.join(known)}":
        wide = len(line) + sum(len(name) + 2 for name in names) > LINE_LENGTH
        starts = [
            len(head) + len("".join(f"{one}, " for one in known[:at])) for at in range(len(known))
        ]
        between = _exploded(added) if wide else _joined(added)
        columns = [starts[0], *(start - wide for start in starts[1:]), len(line)]
        pairs = zip(columns, between, strict=True)
        return [Insertion(node.lineno, code, column) for column, code in pairs if code]
    return _as_lines(node, known, added, text)


def _joined(added: Sequence[Sequence[str]]) -> list[str]:
    """Returns what stands before each name of a line, and behind the last."""
    *inner, last = added
    before = ["".join(f"{name}, " for name in names) for names in inner]
    return [*before, "".join(f", {name}" for name in last)]


def _exploded(added: Sequence[Sequence[str]]) -> list[str]:
    """Returns the same with a line for each name.

    The space behind a comma stays, as the last one of the next line's margin.
    """
    first, *inner, last = ["".join(f"{_STEP}{name},\n" for name in names) for names in added]
    tail = "".join(f"\n{line}" for line in last.splitlines())
    return [f"(\n{first}{_STEP}", *(f"\n{lines}{_STEP[:-1]}" for lines in inner), f",{tail}\n)"]


def _as_lines(
    node: ast.ImportFrom, known: Sequence[str], added: Sequence[Sequence[str]], text: UserText
) -> list[Insertion]:
    rows = [alias.lineno for alias in node.names]
    lines = [text.lines[row - 1].strip() for row in rows]
    ends = {node.lineno, *rows, node.end_lineno}
    pairs = zip(lines, known, strict=True)
    if len(ends) < len(rows) + 2 or not all(line.startswith(f"{name},") for line, name in pairs):
        return []
    margin = text.margin(rows[0])
    places = [*(row - 1 for row in rows), rows[-1]]
    return [
        Insertion(place, f"{margin}{name},")
        for place, names in zip(places, added, strict=True)
        for name in names
    ]
