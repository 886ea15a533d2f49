"""SV303: a payload that is changed after it was published.

The payload is copied when it is published, so the change reaches nobody; or,
where the call was not awaited yet, it may reach what was meant to be published
before. A message that is changed and then published again is one that is used
again on purpose, and is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Union

from sessionstream.lint.facts import Facts
from sessionstream.lint.findings import Finding, found
from sessionstream.lint.rules.published import Published, joined
from sessionstream.lint.source import Source, inside

_EVENT = "sessionstream.types.Event"
_MESSAGE = "google.protobuf.message.Message"
_CHANGING = {
    *("append", "extend", "add", "insert", "pop", "remove", "clear", "reverse", "sort"),
    *("update", "get_or_create", "setdefault", "popitem"),
    *("CopyFrom", "MergeFrom", "MergeFromString", "ParseFromString", "SetInParent"),
    *("Clear", "ClearField", "ClearExtension", "DiscardUnknownFields", "Pack"),
    *("FromDatetime", "FromJsonString", "FromSeconds", "FromMilliseconds", "FromMicroseconds"),
    *("FromNanoseconds", "FromTimedelta", "GetCurrentTime"),
}
"""The methods by which messages, repeated fields and maps are changed."""

_Try = Union[ast.Try, ast.TryStar]
_Loop = Union[ast.For, ast.AsyncFor, ast.While]


def check(source: Source, facts: Facts) -> Iterator[Finding]:
    """Gives a finding for each change of a message that was published before it."""
    for function in source.functions.values():
        walk = _Walk(facts)
        walk.body(function.body, Published())
        yield from walk.findings()


class _Walk:
    """Follows the flow through one function; a loop until nothing new comes of it."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._changes: dict[ast.AST, str] = {}
        self._again: set[ast.AST] = set()

    def findings(self) -> Iterator[Finding]:
        for node, name in self._changes.items():
            if node not in self._again:
                yield found(
                    "SV303",
                    node,
                    f"{name} is changed after it was published; the event keeps what was "
                    "published: make a new message, or change it before",
                )

    def body(self, statements: Iterable[ast.stmt], state: Published) -> None:
        for statement in statements:
            if not state.reached:
                return
            self._statement(statement, state)
            if isinstance(statement, (ast.Break, ast.Continue)):
                state.leave(type(statement))
            elif isinstance(statement, (ast.Return, ast.Raise)):
                state.end()

    def _statement(self, statement: ast.stmt, state: Published) -> None:
        match statement:
            case ast.If():
                self._if(statement, state)
            case ast.Match(subject=subject, cases=cases):
                self._simple(subject, state)
                state.join([state, *(self._branch(case.body, state) for case in cases)])
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(statement, state)
            case ast.Try() | ast.TryStar():
                self._try(statement, state)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self._simple(item, state)
                self.body(body, state)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                state.forget(statement.name)
            case _:
                self._simple(statement, state)

    def _branch(self, body: Iterable[ast.stmt], begun: Published) -> Published:
        state = begun.copy()
        self.body(body, state)
        return state

    def _if(self, node: ast.If, state: Published) -> None:
        """Follows an ``if`` with all its ``elif``, however many there are."""
        ends = list[Published]()
        chain: list[ast.stmt] = [node]
        while len(chain) == 1 and isinstance(one := chain[0], ast.If):
            self._simple(one.test, state)
            ends.append(self._branch(one.body, state))
            chain = one.orelse
        state.join([*ends, self._branch(chain, state)])

    def _try(self, node: _Try, state: Published) -> None:
        begun = state.copy()
        self.body((*node.body, *node.orelse), state)
        caught = state.copy()
        caught.join([caught, begun])
        clauses = [self._branch(clause.body, caught) for clause in node.handlers]
        state.join([state, *clauses])
        self.body(node.finalbody, state)

    def _loop(self, loop: _Loop, state: Published) -> None:
        broken = Published(reached=False)
        while True:
            begun, once = state.copy(), state.copy()
            if isinstance(loop, ast.While):
                self._simple(loop.test, once)
            else:
                self._simple(loop.iter, once)
                self._simple(loop.target, once)
            self.body(loop.body, once)
            broken = joined([broken, once.left(ast.Break)])
            state.join([begun, once.copy(), once.left(ast.Continue)])
            if state.same(begun):
                break
        self.body(loop.orelse, state)
        state.join([state, broken])

    def _simple(self, node: ast.AST, state: Published) -> None:
        """Follows what has no flow within: values first, then what is assigned."""
        stores: list[ast.expr] = []
        for part in inside(node):
            if isinstance(part, ast.Call):
                self._call(part, state)
            elif isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del)):
                assert isinstance(part, ast.expr)
                stores.append(part)
        for target in stores:
            if isinstance(target, ast.Name):
                state.forget(target.id)
            elif isinstance(target, (ast.Attribute, ast.Subscript)) and not state.forget(
                ast.unparse(target)
            ):
                self._changed(target, target.value, state)

    def _call(self, call: ast.Call, state: Published) -> None:
        func = call.func
        if _EVENT in self._facts.awaited(call):
            for name in _payloads(call, self._facts):
                self._again |= state.publish(name)
        elif isinstance(func, ast.Attribute) and func.attr in _CHANGING:
            self._changed(call, func.value, state)
        elif isinstance(func, ast.Name) and func.id == "setattr" and call.args:
            self._changed(call, call.args[0], state)

    def _changed(self, node: ast.AST, owner: ast.expr, state: Published) -> None:
        while True:
            name = ast.unparse(owner)
            if state.change(name, node):
                self._changes[node] = name
            if not isinstance(owner, (ast.Attribute, ast.Subscript)):
                return
            owner = owner.value


def _payloads(call: ast.Call, facts: Facts) -> Iterator[str]:
    """Gives the messages that a call publishes by a name, also those in a list of pairs."""
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        for part in inside(given):
            if isinstance(part, (ast.Name, ast.Attribute)) and _MESSAGE in facts.ancestry(part):
                yield ast.unparse(part)
