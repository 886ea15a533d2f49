"""SV201: a projection that does I/O, or reads the clock or random values."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from sessionstream.lint.facts import Facts, Role
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.reach import Reached, reached
from sessionstream.lint.rules.known_calls import BLOCKING, CLOCK, DEVICES, RANDOM
from sessionstream.lint.source import Source, runs

_REMEDY = (
    "it must give the same for the same event when a timeline is rebuilt: let the handler do it, "
    "and take the result from the event"
)
_KINDS = (
    (CLOCK, "reads the clock"),
    (RANDOM, "takes a random value"),
    (BLOCKING, "blocks"),
    (DEVICES, "does input or output"),
)
_GENERATOR = "random.Random"
# What is told the time that it works on, or its seed, by so many arguments.
_TOLD = {
    "time.localtime": 1,
    "time.gmtime": 1,
    "time.ctime": 1,
    "time.asctime": 1,
    "time.strftime": 2,
    _GENERATOR: 1,
}
_ENVIRONMENT = "os.environ"


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each impure call that a projection or an upcaster leads to."""
    for one in reached(source, facts, Role.PROJECTION):
        nodes = list(runs(one.body, lambdas=True))
        generators = {name for node in nodes for name in _generators(node, facts)}
        for node in nodes:
            if _is_of(generators, node, facts):
                continue
            if said := _impurity(node, source, facts):
                yield found("SV201", node, f"the projection {_place(one)}{said}; {_REMEDY}")


def _impurity(node: ast.AST, source: Source, facts: Facts) -> str:
    if isinstance(node, ast.Subscript) and source.dotted(node.value) == _ENVIRONMENT:
        return f"does input or output by {_ENVIRONMENT}"
    if not isinstance(node, ast.Call) or _is_told(node, facts):
        return ""
    names = facts.callee(node.func).names
    what = next((what for calls, what in _KINDS if calls.has(names)), "")
    return what and f"{what} by {ast.unparse(node.func)}(…)"


def _is_told(call: ast.Call, facts: Facts) -> bool:
    """Whether a function is given the time that it works on, or a generator its seed."""
    wanted = [_TOLD[name] for name in facts.callee(call.func).names if name in _TOLD]
    return bool(wanted) and len(call.args) + len(call.keywords) >= min(wanted)


def _generators(node: ast.AST, facts: Facts) -> Iterator[str]:
    """Gives the names that an assignment gives to a generator of random values."""
    if isinstance(node, ast.Assign) and _makes_generator(node.value, facts):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_of(generators: Collection[str], node: ast.AST, facts: Facts) -> bool:
    """Whether a value is taken from a generator made here: where it has no seed, that is told."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    return owner.id in generators if isinstance(owner, ast.Name) else _makes_generator(owner, facts)


def _makes_generator(node: ast.AST, facts: Facts) -> bool:
    return isinstance(node, ast.Call) and _GENERATOR in facts.callee(node.func).names


def _place(one: Reached) -> str:
    own = getattr(one.body, "name", one.root)
    return f"{one.root} " if own == one.root else f"{one.root}, through {own}, "
