"""SV201: a projection that does I/O, or reads the clock or random values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

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
_TOLD = {"time.localtime", "time.gmtime", "time.ctime", "random.Random"}
_ENVIRONMENT = "os.environ"


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each impure call that a projection or an upcaster leads to."""
    for one in reached(source, facts, Role.PROJECTION):
        for node in runs(one.body, lambdas=True):
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
    return bool(call.args) and bool(facts.callee(call.func).names & _TOLD)


def _place(one: Reached) -> str:
    own = getattr(one.body, "name", one.root)
    return f"{one.root} " if own == one.root else f"{one.root}, through {own}, "
