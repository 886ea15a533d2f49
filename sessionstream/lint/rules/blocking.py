"""SV302: a handler that makes every session wait."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from sessionstream.lint.facts import Facts, Role
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.reach import argument, reached
from sessionstream.lint.rules.known_calls import BLOCKING, POLLING
from sessionstream.lint.source import Source, runs


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each blocking call that a handler leads to."""
    for one in reached(source, facts, Role.HANDLER):
        for node in runs(one.body):
            if isinstance(node, ast.Call) and _blocks(node, facts.callee(node.func).names):
                yield found(
                    "SV302",
                    node,
                    f"{ast.unparse(node.func)}(…) blocks the event loop while the handler "
                    f"{one.root} runs, and every session with it; await something "
                    "asynchronous, or asyncio.to_thread",
                )


def _blocks(call: ast.Call, names: Collection[str]) -> bool:
    return BLOCKING.has(names) and not any(
        _is_off(argument(call, *POLLING[name])) for name in POLLING.keys() & names
    )


def _is_off(given: ast.expr | None) -> bool:
    return isinstance(given, ast.Constant) and given.value is not None and not given.value
