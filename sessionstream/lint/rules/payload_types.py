"""SV101 and SV102: payloads that are no message of the application's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sessionstream.lint.facts import Facts
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.source import Source

_REGISTRY = "sessionstream.schema.SchemaRegistry"
_TAKERS = {
    f"{_REGISTRY}.register_command",
    f"{_REGISTRY}.register_event",
    f"{_REGISTRY}.register_ui_event",
    f"{_REGISTRY}.register_timeline_entity",
    "sessionstream.schema.CommandType",
    "sessionstream.schema.EventType",
    "sessionstream.schema.UIEventType",
    "sessionstream.schema.EntityType",
}
_PARTIAL = "functools.partial"
_SHAPELESS = {
    "google.protobuf.struct_pb2.Struct",
    "google.protobuf.struct_pb2.Value",
    "google.protobuf.struct_pb2.ListValue",
    "google.protobuf.any_pb2.Any",
    "google.protobuf.empty_pb2.Empty",
}
_WRAPPERS = "google.protobuf.wrappers_pb2."


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each payload type that is shapeless, or a wrapper."""
    for call in source.calls():
        taken = facts.callee(call.func).names
        if _PARTIAL in taken and call.args:
            taken = facts.callee(call.args[0]).names
        if taken & _TAKERS:
            what = min(taken & _TAKERS).rpartition(".")[2]
            for given in _arguments(call):
                for name in sorted(facts.classes(given)):
                    yield from _judged(name, given, what)


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    for given in call.args:
        yield given.value if isinstance(given, ast.Starred) else given
    yield from (given.value for given in call.keywords)


def _judged(name: str, given: ast.expr, what: str) -> Iterator[Finding]:
    short = f"google.protobuf.{name.rpartition('.')[2]}"
    if name in _SHAPELESS:
        yield found(
            "SV101",
            given,
            f"{what} is given {short}, which has no fields of its own that could be checked; "
            "declare a message for it, and use this type inside",
        )
    elif name.startswith(_WRAPPERS):
        yield found(
            "SV102",
            given,
            f"{what} is given {short}, to which no field can ever be added; "
            "declare a message with a field of that kind",
        )
