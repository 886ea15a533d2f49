"""What a call of a generated ``install`` covers, by the classes of its projections."""

from __future__ import annotations

from collections.abc import Mapping

from mypy.nodes import FuncDef, TypeInfo
from mypy.types import AnyType, CallableType, Type, get_proper_type

from sessionstream.lint.facts import Installation, Role
from sessionstream.lint.mypy_types import function, instances, role


def installation(signature: CallableType, given: Mapping[str, Type | None]) -> Installation:
    """Compares what ``install`` could take with what it is given, by keyword."""
    parameters = dict(zip(signature.arg_names, signature.arg_types, strict=True))
    ui, timeline = (_base(parameters.get(name)) for name in ("ui", "timeline"))
    return Installation(
        ui=_events(ui),
        timeline=_events(timeline),
        shown=_covered(ui, "ui", given),
        kept=_covered(timeline, "timeline", given),
    )


def _base(parameter: Type | None) -> TypeInfo | None:
    return next(iter(instances(parameter)), None)


def _events(base: TypeInfo | None) -> frozenset[str]:
    """The methods of a generated base class, each named as its event."""
    if base is None:
        return frozenset()
    return frozenset(
        name for name, symbol in base.names.items() if role(symbol.node) is Role.PROJECTION
    )


def _covered(base: TypeInfo | None, name: str, given: Mapping[str, Type | None]) -> frozenset[str]:
    """The events that a projection does something with, or may: what is not known counts."""
    if base is None or name not in given:
        return frozenset()
    proper = get_proper_type(given[name])
    infos = [*instances(proper)]
    if proper is None or isinstance(proper, AnyType):
        return _events(base)
    return frozenset(
        event
        for event in _events(base)
        if any(not _is_default(info, base, event) for info in infos)
    )


def _is_default(info: TypeInfo, base: TypeInfo, event: str) -> bool:
    """Whether a class leaves an event to the generated class that gives nothing for it."""
    symbol = info.get(event)
    method = function(symbol.node) if symbol else None
    return isinstance(method, FuncDef) and method.info.fullname == f"{base.fullname}Partial"
