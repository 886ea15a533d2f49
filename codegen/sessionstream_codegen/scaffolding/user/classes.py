"""The classes of a user's file: which derive from a generated base, and what they lack."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sessionstream_codegen.scaffolding.stubs import StubClass, StubMethod
from sessionstream_codegen.scaffolding.symbols import Symbol
from sessionstream_codegen.scaffolding.user.imports import Imports, bound_names
from sessionstream_codegen.targets.python.modules import SUFFIX

# Bases that bring no method of a command or an event.
_NEUTRAL = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Generic", "Protocol")
)
_ABSTRACT = frozenset({"abc.ABC", "abc.ABCMeta", "typing.Protocol", "typing_extensions.Protocol"})
_IMPLEMENTED = ("Handlers", "Projection", "ProjectionPartial")
_OVERRIDE = Symbol("sessionstream", "override")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A class of the user's for a stub.

    ``unknown`` says why nothing can be said of what it lacks; mostly empty.
    ``stale`` are its overrides of methods that the base no longer has.
    """

    node: ast.ClassDef
    lacking: tuple[StubMethod, ...] = ()
    stale: tuple[str, ...] = ()
    unknown: str = ""


class UserClasses:
    """The classes of a file, wherever they stand in it."""

    def __init__(self, tree: ast.Module, imports: Imports) -> None:
        self._tree = tree
        self._imports = imports

    def find(self, stub: StubClass, symbols: Mapping[str, Symbol]) -> Iterator[Found]:
        """Yields the classes that derive from the generated base, whatever their names.

        A class from which another class of the file derives is left out: the
        last one in line is what gets installed.
        """
        partial = [symbols[stub.partial]] if stub.partial else []
        bases = [symbols[stub.base], *partial]
        inherited = {id(parent) for node in self._all for parent in self._ancestors(node)}
        for node in self._all:
            family = [node, *self._ancestors(node)]
            if id(node) in inherited or not self._derives(family, bases):
                continue
            own = {name for member in family for name in bound_names(member.body)}
            wanted = () if self._derives(family, partial) else stub.methods
            lacking = tuple(method for method in wanted if method.name not in own)
            stale = tuple(self._stale(family, stub))
            unknown = self._unknown(family, bases) if lacking or stale else ""
            if unknown:
                yield Found(node=node, unknown=unknown)
            else:
                yield Found(node=node, lacking=lacking, stale=stale)

    def derived(self) -> Iterator[tuple[str, str]]:
        """Yields classes that are handlers or projections, each with its generated module."""
        for node in self._all:
            for expression in _bases(node):
                if self._own(expression, node) is None:
                    for origin in self._imports.origins(expression):
                        module, _, name = origin.rpartition(".")
                        if module.endswith(SUFFIX) and name.endswith(_IMPLEMENTED):
                            yield node.name, module

    def unwritten(self) -> Iterator[str]:
        """Yields the methods that still raise what a skeleton raises, in the order of the file."""
        for node in self._all:
            for item in node.body:
                if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    # As in `StubMethod`: what an abstract method raises is no skeleton's.
                    raised = f"raise NotImplementedError('write {item.name} in "
                    if ast.unparse(item.body[-1]).startswith(raised):
                        yield f"{node.name}.{item.name}"

    @cached_property
    def _all(self) -> list[ast.ClassDef]:
        found = (node for node in ast.walk(self._tree) if isinstance(node, ast.ClassDef))
        return sorted(found, key=lambda node: node.lineno)

    def _ancestors(self, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
        """Yields the classes of the file that a class derives from."""
        for expression in _bases(node):
            if parent := self._own(expression, node):
                yield parent
                yield from self._ancestors(parent)

    def _own(self, expression: str, node: ast.ClassDef) -> ast.ClassDef | None:
        """Returns the class of the file that a base is: the last of that name above."""
        earlier = [one for one in self._all if one.name == expression and one.lineno < node.lineno]
        return earlier[-1] if earlier else None

    def _derives(self, family: Iterable[ast.ClassDef], bases: Iterable[Symbol]) -> bool:
        return any(
            self._is_any(expression, node, bases) for node in family for expression in _bases(node)
        )

    def _is_any(self, expression: str, node: ast.ClassDef, bases: Iterable[Symbol]) -> bool:
        own = self._own(expression, node)
        return own is None and any(self._imports.stands_for(expression, base) for base in bases)

    def _stale(self, family: Iterable[ast.ClassDef], stub: StubClass) -> Iterator[str]:
        for node in family:
            for item in node.body:
                if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    is_known = item.name in stub.members or hasattr(object, item.name)
                    marks = map(ast.unparse, item.decorator_list)
                    if not is_known and any(self._imports.stands_for(m, _OVERRIDE) for m in marks):
                        yield f"{node.name}.{item.name}"

    def _unknown(self, family: Sequence[ast.ClassDef], bases: Iterable[Symbol]) -> str:
        if any(_ABSTRACT & set(self._imports.origins(mark)) for mark in _marks(family[0])):
            return "is abstract"
        for node in family:
            for expression in _bases(node):
                if not (
                    self._own(expression, node)
                    or self._is_any(expression, node, bases)
                    or _NEUTRAL & set(self._imports.origins(expression))
                    or hasattr(builtins, expression)
                ):
                    return f"derives from {expression} too, which is written elsewhere"
        return ""


def _bases(node: ast.ClassDef) -> list[str]:
    """Returns the bases as the file writes them, without type arguments."""
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return [ast.unparse(base) for base in bases]


def _marks(node: ast.ClassDef) -> list[str]:
    """Returns the bases and the metaclass."""
    return [*_bases(node), *(ast.unparse(k.value) for k in node.keywords if k.arg == "metaclass")]
