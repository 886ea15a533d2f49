"""Which functions of a file run for a projection, or for a command.

A call is followed as far as the file goes: what another file does is judged
where that is checked, if it has a role there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from sessionstream.lint.facts import Facts, Role
from sessionstream.lint.source import Function, Source, runs

Body = Union[Function, ast.Lambda]

_REGISTRATIONS: dict[str, tuple[Role, int, str]] = {
    "sessionstream.hub_setup.HubSetup.register_command": (Role.HANDLER, 1, "handler"),
    "sessionstream.hub_setup.HubSetup.register_ui_projection": (Role.PROJECTION, 0, "projection"),
    "sessionstream.hub_setup.HubSetup.register_timeline_projection": (
        Role.PROJECTION,
        0,
        "projection",
    ),
    "sessionstream.schema.SchemaRegistry.register_upcaster": (Role.PROJECTION, 3, "upcast"),
}
"""Who is given a function, in which role, and as which argument. An upcaster is pure as well."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A function or lambda that runs for ``root``, the name of the one that has a role."""

    body: Body
    root: str


def reached(source: Source, facts: Facts, role: Role) -> Iterator[Reached]:
    """Gives each function of a role, and each of the file that it calls; each once.

    What a projection only refers to counts as called: it is passed to something
    that calls it. A handler may pass it to a thread.
    """
    todo = [Reached(body, _name(body)) for body in _roots(source, facts, role)]
    seen: set[Body] = set()
    while todo:
        one = todo.pop(0)
        if one.body in seen:
            continue
        seen.add(one.body)
        yield one
        lines = _referred(one.body, facts, role)
        bodies = (source.functions[line] for line in lines if line in source.functions)
        todo.extend(Reached(body, one.root) for body in bodies)


def _roots(source: Source, facts: Facts, role: Role) -> Iterator[Body]:
    for line, found in facts.roles().items():
        if found is role and line in source.functions:
            yield source.functions[line]
    for call in source.calls():
        for name in facts.callee(call.func).names & _REGISTRATIONS.keys():
            registered, place, keyword = _REGISTRATIONS[name]
            given = argument(call, place, keyword)
            if registered is role and given is not None:
                yield from _given(given, source, facts)


def _given(given: ast.expr, source: Source, facts: Facts) -> Iterator[Body]:
    if isinstance(given, ast.Lambda):
        yield given
        return
    line = facts.callee(given).line or facts.project_method(given)
    if line in source.functions:
        yield source.functions[line]


def argument(call: ast.Call, place: int, keyword: str) -> ast.expr | None:
    """Returns an argument of a call by its place or its keyword, None where there is none."""
    if place < len(call.args) and not any(
        isinstance(given, ast.Starred) for given in call.args[: place + 1]
    ):
        return call.args[place]
    return next((given.value for given in call.keywords if given.arg == keyword), None)


def _referred(body: Body, facts: Facts, role: Role) -> Iterator[int]:
    pure = role is Role.PROJECTION
    for node in runs(body, lambdas=pure):
        if isinstance(node, ast.Call):
            yield facts.callee(node.func).line
        elif pure and isinstance(node, (ast.Name, ast.Attribute)):
            yield facts.callee(node).line


def _name(body: Body) -> str:
    return "a lambda" if isinstance(body, ast.Lambda) else body.name
