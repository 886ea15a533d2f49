"""The imports of a user's file: what it calls things, and what they stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.scaffolding.symbols import RUNTIME, Symbol

# Wherever a file has these from, they are the same to a type checker.
_ELSEWHERE = {
    "Iterable": ("typing",),
    "final": ("typing_extensions",),
    "override": ("typing", "typing_extensions"),
}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One name of an import statement: ``name`` is empty in ``import module``.

    ``module`` is absolute; ``written`` is how the statement has it.
    ``expression`` is what code says for it. Without ``runtime`` only type checkers see it.
    """

    module: str
    name: str
    expression: str
    written: str
    line: int
    runtime: bool

    @property
    def origin(self) -> str:
        """What the expression stands for, as a dotted name."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def bound(self) -> tuple[str, str]:
        """The name that is bound, and what that stands for: ``import a.b`` binds ``a``."""
        name, dot, _ = self.expression.partition(".")
        return name, name if dot else self.origin


class Imports:
    """The imports of a file, at its top level and in blocks there.

    ``folder`` is where the file lies: relative imports begin there.
    """

    def __init__(self, tree: ast.Module, folder: Path) -> None:
        self._package = folder.parts[1:]
        self._found = list(self._read(tree.body, runtime=True))
        self._rebound = bound_names(tree.body, imports=False)
        self._aliases = dict(_aliases(tree))
        self._unknown = self._starred(tree)
        self._deferred = any(found.origin == "__future__.annotations" for found in self._found)

    def expression(
        self, symbol: Symbol, *, before: int, evaluated: bool, hidden: frozenset[str]
    ) -> str:
        """Returns what code calls a symbol that is imported above the line ``before``, or nothing.

        ``evaluated`` tells that it must be there at run time. ``hidden`` are
        names that mean something else where the code stands.
        """
        known: list[str] = []
        for found in self._found:
            checked_only = not found.runtime and (evaluated or not self._deferred)
            if found.line >= before or checked_only:
                continue
            expression = _expression(found, symbol)
            name, origin = found.bound if found.name != "*" else (expression, symbol.dotted)
            if expression and name not in hidden and self._means(name, symbol, origin):
                known.append(expression)
        # A name of its own is what the file would use, before an attribute of a module.
        return min(known, key=lambda expression: "." in expression, default="")

    def is_free(self, name: str, symbol: Symbol) -> bool:
        """Says whether an import may bind a name: it means the symbol already, or nothing."""
        return name not in self._unknown and self._means(name, symbol, symbol.dotted)

    def _means(self, name: str, symbol: Symbol, origin: str) -> bool:
        bound = (found.bound for found in self._found)
        others = (other for one, other in bound if one == name)
        return name not in self._rebound and all(
            other == origin or _is_symbol(other, symbol) for other in others
        )

    def origins(self, expression: str) -> Iterator[str]:
        """Yields what an expression may stand for, as dotted names."""
        for _ in self._aliases:
            name, dot, rest = expression.partition(".")
            expression = self._aliases.get(name, name) + dot + rest
        for found in self._found:
            if found.name == "*":
                yield f"{found.module}.{expression}"
            elif f"{expression}.".startswith(f"{found.expression}."):
                yield found.origin + expression[len(found.expression) :]

    def stands_for(self, expression: str, symbol: Symbol) -> bool:
        """Says whether an expression may stand for a symbol."""
        return any(_is_symbol(origin, symbol) for origin in self.origins(expression))

    def written_package(self, modules: Iterable[str]) -> str | None:
        """Returns what the file calls the package of these modules, if it imports one of them."""
        for module in modules:
            for found in self._found:
                if ends(found.module, module):
                    head = found.written[: -len(module.rpartition(".")[2])]
                    return head[:-1] if head.strip(".") else head
                if ends(found.origin, module):
                    return found.written
        return None

    def _starred(self, tree: ast.Module) -> set[str]:
        """Returns the names that come from a ``*``, if there is one."""
        known = {found.bound[0] for found in self._found}
        if "*" not in known:
            return set()
        names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        return {name for name in names if name not in known}

    def _read(self, body: Sequence[ast.stmt], *, runtime: bool) -> Iterator[Imported]:
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._names(node, runtime=runtime)
            for block, is_run in _blocks(node):
                yield from self._read(block, runtime=runtime and is_run)

    def _names(self, node: ast.Import | ast.ImportFrom, *, runtime: bool) -> Iterator[Imported]:
        for alias in node.names:
            expression = alias.asname or alias.name
            if isinstance(node, ast.Import):
                module, name, written = alias.name, "", alias.name
            else:
                outer = self._package[: len(self._package) - node.level + 1] if node.level else ()
                module = ".".join((*outer, *filter(None, [node.module])))
                name, written = alias.name, "." * node.level + (node.module or "")
            yield Imported(
                module=module,
                name=name,
                expression=expression,
                written=written,
                line=node.lineno,
                runtime=runtime,
            )


def imports_something(node: ast.stmt) -> bool:
    """Says whether a statement, or one in a block of it, is an import."""
    return isinstance(node, (ast.Import, ast.ImportFrom)) or any(
        imports_something(inner) for block, _ in _blocks(node) for inner in block
    )


def bound_names(body: Iterable[ast.stmt], *, imports: bool = True) -> set[str]:
    """Returns the names that statements bind in their own scope."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, _SCOPES):
            found.add(node.name)
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.alias) and imports:
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yields the names that are bound to others at the top level: ``Base = chat.Handlers``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, ast.unparse(node.value)


def _blocks(node: ast.stmt) -> Iterator[tuple[list[ast.stmt], bool]]:
    """Yields the blocks of a statement that has no scope, and whether each may run."""
    if isinstance(node, _SCOPES):
        return
    checked = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(node, name, None):
            yield block, not (checked and name == "body")
    for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield inner.body, True


def _expression(found: Imported, symbol: Symbol) -> str:
    if found.name == "*":
        return symbol.name if _is_symbol(f"{found.module}.{symbol.name}", symbol) else ""
    if _is_symbol(found.origin, symbol):
        return found.expression
    attribute = f"{found.origin}.{symbol.name}"
    inner = symbol.module in RUNTIME and not _is_known(found.origin, symbol)
    if symbol.module and _is_symbol(attribute, symbol) and not inner:
        return f"{found.expression}.{symbol.name}"
    return ""


def _is_symbol(origin: str, symbol: Symbol) -> bool:
    """Says whether a dotted name is that of a symbol.

    The modules that are generated may lie in a package of the user's.
    """
    if symbol.module not in RUNTIME:
        return ends(origin, symbol.dotted)
    module, _, name = origin.rpartition(".")
    known = _is_known(module, symbol) or origin.startswith("sessionstream.")
    return name == symbol.name and known


def _is_known(module: str, symbol: Symbol) -> bool:
    return module == symbol.module or module in _ELSEWHERE.get(symbol.name, ())


def ends(origin: str, module: str) -> bool:
    """Says whether a dotted name is that of a module, or of it in a package of the user's."""
    return f".{origin}".endswith(f".{module}")
