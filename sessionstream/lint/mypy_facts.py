"""`Facts` as mypy knows them of a file that it has just checked."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from mypy.checker import TypeChecker
from mypy.nodes import FuncDef, MypyFile
from mypy.types import CallableType, Type, get_proper_type

from sessionstream.lint.facts import Callee, Facts, Installation, Role
from sessionstream.lint.mypy_install import installation
from sessionstream.lint.mypy_places import place, types_of
from sessionstream.lint.mypy_types import (
    ancestry,
    callables,
    definition,
    function,
    given_by,
    held_classes,
    instances,
    role,
)
from sessionstream.lint.source import Source


class MypyFacts(Facts):
    """Finds mypy's type of an expression by its place: mypy has a syntax tree of its own.

    It must be asked before mypy forgets the file.
    """

    def __init__(self, checker: TypeChecker, file: MypyFile, source: Source, text: bytes) -> None:
        self._file = file
        self._source = source
        # The map of the module; those of functions in the making are above it, and gone by now.
        found = checker._type_maps[0]
        exact = not checker.options.native_parser
        self._types = types_of(found, text, source, exact=exact)
        self._callee = cache(self._find_callee)

    def callee(self, expression: ast.expr) -> Callee:
        """Returns what the expression refers to."""
        return self._callee(expression)

    def classes(self, expression: ast.expr) -> frozenset[str]:
        """Returns the classes that the expression holds."""
        if isinstance(expression, ast.Tuple):
            return frozenset[str]().union(*map(self.classes, expression.elts))
        if isinstance(expression, ast.IfExp):  # its type is what both have in common
            return self.classes(expression.body) | self.classes(expression.orelse)
        names = {info.fullname for info in held_classes(self._type(expression))}
        return frozenset(names or {self._source.dotted(expression)} - {""})

    def ancestry(self, expression: ast.expr) -> frozenset[str]:
        """Returns the class of the value, and its bases."""
        return frozenset[str]().union(*map(ancestry, instances(self._type(expression))))

    def awaited(self, call: ast.Call) -> frozenset[str]:
        """Returns the same of what the call's coroutine gives."""
        return frozenset[str]().union(*map(ancestry, given_by(self._type(call))))

    def roles(self) -> Mapping[int, Role]:
        """Returns the roles by the functions' lines."""
        return {
            found.line: told
            for found in self._own_functions()
            if (told := role(found) or _inherited(found))
        }

    def project_method(self, expression: ast.expr) -> int:
        """Returns the line of ``project``, or 0."""
        for info in instances(self._type(expression)):
            if (symbol := info.get("project")) and (found := function(symbol.node)):
                return self._line(found)
        return 0

    def installation(self, call: ast.Call) -> Installation | None:
        """Returns what is installed, or None."""
        if not any(
            name.endswith("_sessionstream.install") for name in self.callee(call.func).names
        ):
            return None
        signature = next(callables(self._type(call.func)), None)
        given = {keyword.arg: self._type(keyword.value) for keyword in call.keywords if keyword.arg}
        if signature is None or len(given) < len(call.keywords):
            return None  # a module without types, or keywords of which nothing is known
        return installation(signature, given)

    def _type(self, expression: ast.expr) -> Type | None:
        return self._types.get(place(expression))

    def _find_callee(self, expression: ast.expr) -> Callee:
        names, line = set[str](), 0
        for signature in callables(self._type(expression)):
            found = definition(signature)
            if signature.is_type_obj():
                names |= ancestry(signature.type_object())
            elif found is not None:
                names |= _names(found)
            line = line or (self._line(found) if found else 0)
        if isinstance(expression, ast.Attribute):
            names |= {f"{base}.{expression.attr}" for base in self._owners(expression.value)}
        names.add(self._source.dotted(expression))
        return Callee(names=frozenset(names - {""}), line=line)

    def _owners(self, expression: ast.expr) -> frozenset[str]:
        """The classes that an attribute may be looked up in."""
        found = self._type(expression)
        infos = (*instances(found), *held_classes(found))
        return frozenset[str]().union(*map(ancestry, infos))

    def _line(self, found: FuncDef) -> int:
        """The line of a function in this file; 0 where it is in another."""
        own = "." not in found.fullname or found.fullname.startswith(f"{self._file.fullname}.")
        node = self._source.functions.get(found.line)
        return found.line if own and node is not None and node.name == found.name else 0

    def _own_functions(self) -> Iterator[FuncDef]:
        for _, symbol, _ in self._file.local_definitions():
            if found := function(symbol.node):
                yield found
        # Those within functions are known by what refers to them.
        for kind in {id(found): found for found in self._types.values()}.values():
            proper = get_proper_type(kind)
            found = definition(proper) if isinstance(proper, CallableType) else None
            if found and self._line(found):
                yield found


def _names(found: FuncDef) -> frozenset[str]:
    """The full names of a function: a method has one for each base that has it too."""
    if not found.info:
        return frozenset({found.fullname})
    return frozenset(
        f"{base.fullname}.{found.name}" for base in found.info.mro if found.name in base.names
    )


def _inherited(found: FuncDef) -> Role | None:
    """The role of a method without types, by the method that it overrides."""
    if not found.info or found.type is not None:
        return None
    for base in found.info.mro[1:]:
        if (symbol := base.names.get(found.name)) and (told := role(symbol.node)):
            return told
    return None
