"""The imports of a generated module: exactly what its code refers to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from sessionstream_codegen.targets.python.layout import LINE_LENGTH, Bracket, lay_out
from sessionstream_codegen.targets.python.modules import ImportedModule, import_from

_STANDARD = {
    "abc": ("ABC", "abstractmethod"),
    "collections.abc": ("Iterable",),
    "dataclasses": ("dataclass", "field"),
    "typing": ("TYPE_CHECKING", "Final", "Literal", "Never", "Union", "final"),
}
_RUNTIME = {
    "sessionstream": (
        "Command",
        "CommandType",
        "EntityType",
        "Event",
        "EventPublisher",
        "EventType",
        "Hub",
        "SchemaRegistry",
        "Session",
        "SessionClient",
        "TimelineEntity",
        "TimelineView",
        "UIEvent",
        "UIEventType",
        "override",
        "typed",
    ),
}

IMPORTABLE = frozenset(
    name for group in (_STANDARD, _RUNTIME) for members in group.values() for name in members
)
"""Names that a generated module may import, and that nothing in it may hide."""


def import_block(body: str, modules: Iterable[ImportedModule], package: str = "") -> str:
    """Returns the import statements that this code needs, as it stands in a module of ``package``.

    Raises:
        SyntaxError: The code is none: a defect of the templates.
    """
    used = {
        node.id
        for node in ast.walk(ast.parse(body))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    blocks = [
        ["from __future__ import annotations"],
        list(_statements(_STANDARD, used)),
        list(_statements(_RUNTIME, used)),
        list(_generated([module for module in modules if module.alias in used], package)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _statements(group: Mapping[str, tuple[str, ...]], used: set[str]) -> Iterable[str]:
    for module, names in group.items():
        wanted = [name for name in names if name in used]
        if wanted:
            yield _from(module, wanted)


def _generated(modules: list[ImportedModule], inside: str) -> Iterable[str]:
    for package in sorted({module.package for module in modules}):
        names = sorted(module.imported_as for module in modules if module.package == package)
        if not package:
            yield from (f"import {name}" for name in names)
        else:
            yield _from(import_from(package, inside), names)


def _from(module: str, names: list[str]) -> str:
    statement = f"from {module} import {', '.join(names)}"
    if len(statement) <= LINE_LENGTH:
        return statement
    # One name in parentheses has its comma, and its own line.
    return lay_out(Bracket(f"from {module} import (", names, ")", exploded=True))
