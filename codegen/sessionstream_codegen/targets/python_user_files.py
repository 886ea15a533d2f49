"""An existing file of the user's: which classes it has, and what they lack.

The file is parsed for names and positions only. Text is inserted; not a
character of what was there changes.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sessionstream_codegen.targets.python_stubs import StubClass, StubFile, StubMethod, Symbol

# Wherever a file has `override` from, it is the same mark to a type checker.
_OVERRIDES = tuple(
    Symbol(module, "override") for module in ("typing", "typing_extensions", "sessionstream")
)

# What Python takes for the end of a line; `str.splitlines` knows more.
_LINE_ENDS = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


@dataclass(frozen=True, slots=True)
class Gap:
    """A class of the user's and the methods that it lacks."""

    node: ast.ClassDef
    methods: tuple[StubMethod, ...]


class UserFile:
    """The text of a file, parsed.

    Raises:
        SyntaxError: It is no Python.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tree = ast.parse(text.removeprefix("\ufeff"))
        self._imports = [
            node for node in self._tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
        ]

    def find(self, stub: StubFile, cls: StubClass) -> Gap | None:
        """Returns the user's class for a stub, whatever its name, or None."""
        base = self._expression(stub.symbols[cls.base])
        partial = self._expression(stub.symbols[cls.partial]) if cls.partial else ""
        for node in self._tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            derived_from = {ast.unparse(parent) for parent in node.bases}
            if partial and partial in derived_from:
                return Gap(node, ())
            if base and base in derived_from:
                present = _members(node)
                lacking = (method for method in cls.methods if method.name not in present)
                return Gap(node, tuple(lacking))
        return None

    def with_methods(self, stub: StubFile, gaps: Sequence[Gap]) -> str:
        """Returns the text with the lacking methods, and the imports that they need.

        Raises:
            ValueError: A class has its whole body on its first line.
        """
        named, statements = self._names(stub, gaps)
        insertions = [(_last_line(self._imports), "\n".join(statements))] if statements else []
        for gap in gaps:
            methods = [method.code(named) for method in gap.methods]
            insertions.append((_last_line([gap.node]), self._indented(gap.node, methods)))
        lines = _LINE_ENDS.split(self._text)
        newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        for line, text in sorted(insertions, reverse=True):
            if not lines[line - 1].endswith("\n"):
                lines[line - 1] += newline
            lines.insert(line, (text + "\n").replace("\n", newline))
        return "".join(lines)

    def _names(self, stub: StubFile, gaps: Iterable[Gap]) -> tuple[dict[str, str], list[str]]:
        """Returns how the file names what the methods use, and the imports that it lacks."""
        wanted = sorted({name for gap in gaps for m in gap.methods for name in m.imported})
        named, statements = {}, []
        for name in wanted:
            symbol = stub.symbols[name]
            named[name] = self._expression(symbol)
            if not named[name]:
                named[name] = symbol.name
                origin = f"from {symbol.module} " if symbol.module else ""
                statements.append(f"{origin}import {symbol.name}")
        return named, statements

    def _expression(self, symbol: Symbol) -> str:
        """Returns how the file refers to a symbol, or nothing where it does not import it."""
        candidates = _OVERRIDES if symbol.name == "override" else (symbol,)
        for candidate in candidates:
            for node in self._imports:
                for alias in node.names:
                    found = _refers(node, alias, candidate)
                    if found:
                        return found
        return ""

    def _indented(self, node: ast.ClassDef, methods: Iterable[str]) -> str:
        if node.body[0].lineno == node.lineno:
            raise ValueError(f"the body of {node.name} stands on the line of its name")
        first = _LINE_ENDS.split(self._text)[node.body[0].lineno - 1]
        margin = first[: len(first) - len(first.lstrip())]
        code = "\n\n".join(textwrap.dedent(method) for method in methods)
        return "\n" + textwrap.indent(code, margin)


def _refers(node: ast.Import | ast.ImportFrom, alias: ast.alias, symbol: Symbol) -> str:
    """Returns the expression for a symbol that this import gives, or nothing."""
    bound = alias.asname or alias.name
    whole = f"{symbol.module}.{symbol.name}".lstrip(".")
    if isinstance(node, ast.Import):
        if alias.name == whole:
            return bound
        return f"{bound}.{symbol.name}" if alias.name == symbol.module else ""
    if _is_module(node, symbol.module) and alias.name == symbol.name:
        return bound
    package, _, module = symbol.module.rpartition(".")
    if _is_module(node, package) and alias.name == module:
        return f"{bound}.{symbol.name}"
    return ""


def _is_module(node: ast.ImportFrom, module: str) -> bool:
    if not node.level:
        return node.module == module
    # Where the file lies is not known here: the end of the path has to do.
    return f".{module}".endswith(f".{node.module}") if node.module else True


def _members(node: ast.ClassDef) -> set[str]:
    present: set[str] = set()
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            present.add(item.name)
        elif isinstance(item, ast.Assign):
            present.update(name.id for name in item.targets if isinstance(name, ast.Name))
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            present.add(item.target.id)
    return present


def _last_line(nodes: Sequence[ast.stmt]) -> int:
    return max(node.end_lineno or node.lineno for node in nodes)
