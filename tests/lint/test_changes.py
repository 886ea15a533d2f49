"""SV303 against every path through a function.

A change is told where some path publishes the message before it, and no path
publishes it again after it. Programs are random; all their runs are followed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from textwrap import indent
from typing import Union

from hypothesis import given
from hypothesis import strategies as st

from sessionstream.lint.rules import mutation
from sessionstream.lint.source import Source
from tests.lint.test_any_code import Guesses


@dataclass(frozen=True)
class Step:
    """One line: it publishes, changes or replaces the message, or leaves."""

    text: str


@dataclass(frozen=True)
class Branch:
    then: Block
    otherwise: Block


@dataclass(frozen=True)
class Loop:
    body: Block


Block = tuple[Union[Step, Branch, Loop], ...]

PUBLISH, CHANGE, REPLACE = "await publish(x)", "x.text = 'a'", "x = Note()"
NEXT, REPEAT, RETURN = "break", "continue", "return"

steps = st.sampled_from([PUBLISH, CHANGE, REPLACE]).map(Step)
leaving = st.sampled_from([NEXT, REPEAT, RETURN]).map(Step)


def blocks(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    items = st.one_of(steps, steps, leaving, st.builds(Branch, inner, inner))
    return st.lists(items, max_size=3).map(tuple)


inside_loop = st.recursive(st.lists(steps, max_size=2).map(tuple), blocks, max_leaves=6)
outside = st.lists(st.one_of(steps, st.builds(Loop, inside_loop)), min_size=1, max_size=4)


def written(block: Block) -> str:
    """The block as Python: a condition or a loop may go either way."""
    lines = []
    for item in block:
        match item:
            case Step(text=text):
                lines.append(text)
            case Branch(then=then, otherwise=otherwise):
                lines += ["if known:", indent(written(then), " ")]
                lines += ["else:", indent(written(otherwise), " ")]
            case Loop(body=body):
                lines += ["while known:", indent(written(body), " ")]
    return "\n".join(lines) or "pass"


@dataclass(frozen=True)
class State:
    """Where one run is: what it did to the message, and how it left the block, if it did."""

    published: bool = False
    changes: frozenset[int] = frozenset()
    left: str = ""


class Runs:
    """Every run through a function; two that are in the same state go on as one."""

    def __init__(self, function: ast.AsyncFunctionDef) -> None:
        self._after = set[int]()
        self._again = set[int]()
        self._block(function.body, {State()})
        self.expected = self._after - self._again
        """The lines of changes that come after a publish, and before none."""

    def _block(self, block: list[ast.stmt], states: set[State]) -> set[State]:
        for statement in block:
            gone = {state for state in states if state.left}
            there = (self._through(statement, state) for state in states - gone)
            states = gone.union(*there)
        return states

    def _through(self, node: ast.stmt, state: State) -> set[State]:
        match node:
            case ast.If(body=body, orelse=orelse):
                return self._block(body, {state}) | self._block(orelse, {state})
            case ast.While(body=body):
                return self._rounds(body, {state})
            case ast.Return() | ast.Break() | ast.Continue():
                return {replace(state, left=ast.unparse(node))}
        return {self._step(node.lineno, ast.unparse(node), state)}

    def _rounds(self, body: list[ast.stmt], begun: set[State]) -> set[State]:
        ends, todo, seen = set[State](), begun, set[State]()
        while todo:
            seen |= todo
            after = self._block(body, todo)
            ends |= {replace(one, left="") for one in after if one.left == NEXT}
            ends |= {one for one in after if one.left == RETURN}
            going_on = {one for one in after if one.left in {"", REPEAT}}
            todo = {replace(one, left="") for one in going_on} - seen
        return ends | seen

    def _step(self, line: int, text: str, state: State) -> State:
        if text == PUBLISH:
            self._again |= state.changes
            return State(published=True)
        if text == REPLACE:
            return State()
        if text == CHANGE and state.published:
            self._after.add(line)
            return replace(state, changes=state.changes | {line})
        return state


class Publishing(Guesses):
    """Only ``publish`` publishes."""

    def awaited(self, call: ast.Call) -> frozenset[str]:
        return super().awaited(call) if ast.unparse(call.func) == "publish" else frozenset()


@given(outside.map(tuple))
def test_a_change_is_told_if_a_publish_precedes_it_and_none_follows(block: Block) -> None:
    source = Source(f"async def f(known, x):\n{indent(written(block), ' ')}\n".encode())
    [function] = source.functions.values()
    assert isinstance(function, ast.AsyncFunctionDef)
    found = {finding.line for finding in mutation.check(source, Publishing(source))}
    assert found == Runs(function).expected
