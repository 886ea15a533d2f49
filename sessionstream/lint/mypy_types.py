"""What mypy's types say about functions and classes, under their full names."""

from __future__ import annotations

from collections.abc import Iterator

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from sessionstream.lint.facts import Role

EVENT = "sessionstream.types.Event"
_COMMAND = "sessionstream.types.Command"
_SESSION = "sessionstream.types.Session"
_COROUTINES = {"typing.Coroutine", "typing.Awaitable"}


def callables(found: Type | None) -> Iterator[CallableType]:
    """Gives the signatures that a value has: several for an overload or a union."""
    proper = get_proper_type(found)
    if isinstance(proper, CallableType):
        yield proper
    elif isinstance(proper, Overloaded):
        yield from proper.items
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from callables(item)


def function(node: object) -> FuncDef | None:
    """Returns the function that a definition defines, below its decorators; None for others."""
    if isinstance(node, Decorator):
        return node.func
    if isinstance(node, OverloadedFuncDef):
        return function(node.impl or node.items[0])
    return node if isinstance(node, FuncDef) else None


def definition(signature: CallableType) -> FuncDef | None:
    """Returns the function that a signature was taken from, where mypy knows it."""
    return function(signature.definition)


def ancestry(info: TypeInfo) -> frozenset[str]:
    """Returns the full names of a class and of all its bases."""
    return frozenset(base.fullname for base in info.mro)


def held_classes(found: Type | None, deep: int = 3) -> Iterator[TypeInfo]:
    """Gives the classes that a value is: ``type[Note]``, a class, a tuple or a union of them.

    Args:
        found: The value's type.
        deep: How far tuples within tuples are followed: a type may hold itself.
    """
    proper = get_proper_type(found)
    if isinstance(proper, (TupleType, UnionType)):
        for item in proper.items if deep else ():
            yield from held_classes(item, deep - 1)
    elif isinstance(proper, TypeType):
        yield from instances(proper.item)
    elif isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
        for item in proper.args if deep else ():
            yield from held_classes(item, deep - 1)
    else:
        infos = {one.type_object() for one in callables(proper) if one.is_type_obj()}
        yield from infos


def instances(found: Type | None) -> Iterator[TypeInfo]:
    """Gives the classes of a value: several for a union; those of a type variable's bound."""
    proper = get_proper_type(found)
    if isinstance(proper, Instance):
        yield proper.type
    elif isinstance(proper, TupleType):
        yield proper.partial_fallback.type
    elif isinstance(proper, TypeVarType):
        yield from instances(proper.upper_bound)
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from instances(item)


def given_by(coroutine: Type | None) -> Iterator[TypeInfo]:
    """Gives the classes of what awaiting a coroutine gives, also of the items of a list."""
    proper = get_proper_type(coroutine)
    if isinstance(proper, Instance) and proper.type.fullname in _COROUTINES and proper.args:
        given = get_proper_type(proper.args[-1])
        yield from instances(given)
        if isinstance(given, Instance) and given.type.fullname == "builtins.list":
            yield from instances(given.args[0])


def role(node: SymbolNode | None) -> Role | None:
    """Returns the role that a function has by its parameters' types."""
    found = function(node)
    signature = get_proper_type(found.type) if found else None
    if found is None or not isinstance(signature, CallableType):
        return None
    bound = bool(found.info) and not found.is_static
    parameters = signature.arg_types[1:] if bound else signature.arg_types
    names = [{info.fullname for info in instances(kind)} for kind in parameters]
    if len(names) != 3 or _SESSION not in names[1]:
        return None
    if _COMMAND in names[0]:
        return Role.HANDLER
    return Role.PROJECTION if EVENT in names[0] and not found.is_coroutine else None
