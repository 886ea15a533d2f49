"""SV301: a handler that does not end when it is cancelled."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Union

from sessionstream.lint.facts import Facts, Role
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.reach import reached
from sessionstream.lint.source import Source, inside, runs

_CANCELLED = {"asyncio.exceptions.CancelledError", "builtins.BaseException"}
_SUPPRESS = "contextlib.suppress"
_REMEDY = "a handler must end when it is cancelled: at shutdown, and when its task is replaced"

_Try = Union[ast.Try, ast.TryStar]
_With = Union[ast.With, ast.AsyncWith]
_AWAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each place at which a handler loses a cancellation."""
    for one in reached(source, facts, Role.HANDLER):
        for node in runs(one.body):
            if isinstance(node, (ast.Try, ast.TryStar)):
                yield from _of_try(node, facts)
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                yield from _of_with(node, facts)


def _of_try(node: _Try, facts: Facts) -> Iterator[Finding]:
    if not _awaits(node.body):
        return
    for clause in node.handlers:
        if clause.type is None or facts.classes(clause.type) & _CANCELLED:
            if not _has(clause.body, (ast.Raise,)):
                what = "a bare except" if clause.type is None else f"except {_text(clause.type)}"
                yield found(
                    "SV301",
                    clause,
                    f"{what} around an await swallows cancellation; raise at its end: {_REMEDY}",
                    last_line=clause.lineno,
                )
            break  # a later clause gets no CancelledError
    for leaving in _leaving(node.finalbody):
        yield found(
            "SV301",
            leaving,
            f"leaving a finally block around an await swallows cancellation; {_REMEDY}",
        )


def _of_with(node: _With, facts: Facts) -> Iterator[Finding]:
    for item in node.items:
        call = item.context_expr
        if not isinstance(call, ast.Call) or _SUPPRESS not in facts.callee(call.func).names:
            continue
        if _awaits(node.body) and any(facts.classes(given) & _CANCELLED for given in call.args):
            yield found(
                "SV301",
                call,
                f"{_text(call)} around an await swallows cancellation, also one of the handler "
                f"itself; wait for a task that was cancelled with asyncio.wait: {_REMEDY}",
            )


def _awaits(body: Iterable[ast.stmt]) -> bool:
    if _has(body, _AWAITS):
        return True
    nodes = (node for statement in body for node in inside(statement))
    return any(isinstance(node, ast.comprehension) and node.is_async for node in nodes)


def _has(body: Iterable[ast.stmt], kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(node, kinds) for statement in body for node in inside(statement))


def _leaving(body: Iterable[ast.stmt], *, in_loop: bool = False) -> Iterator[ast.stmt]:
    """Gives what leaves a block without an exception; a loop within it may be left."""
    for statement in body:
        if isinstance(statement, ast.Return) or (
            isinstance(statement, (ast.Break, ast.Continue)) and not in_loop
        ):
            yield statement
        loops = in_loop or isinstance(statement, (ast.For, ast.AsyncFor, ast.While))
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from _leaving(getattr(statement, name, ()), in_loop=loops)


def _text(node: ast.expr) -> str:
    return ast.unparse(node)
