"""SV303 against every path through a function.

A change is told where some path publishes the message before it, and no path
publishes it again after it. Programs are random; their paths are enumerated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import indent
from typing import Union

from hypothesis import given
from hypothesis import strategies as st

from sessionstream.lint.rules import mutation
from sessionstream.lint.source import Source
from tests.lint.test_any_code import Guesses

ROUNDS = 4
"""How often a loop is gone through at most."""


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
class Path:
    """The lines that one run goes through, and how it left the block, if it did."""

    lines: tuple[tuple[int, str], ...] = ()
    left: str = ""


def paths(block: list[ast.stmt], path: Path) -> Iterator[Path]:
    """Every way through the block from the end of a path."""
    if path.left or not block:
        yield path
        return
    first, *rest = block
    for after in _through(first, path):
        yield from paths(rest, after)


def _through(node: ast.stmt, path: Path) -> Iterator[Path]:
    match node:
        case ast.If(body=body, orelse=orelse):
            yield from paths(body, path)
            yield from paths(orelse, path)
        case ast.While(body=body):
            yield from _rounds(body, path, ROUNDS)
        case ast.Return() | ast.Break() | ast.Continue():
            yield Path(path.lines, ast.unparse(node))
        case _:
            yield Path((*path.lines, (node.lineno, ast.unparse(node))))


def _rounds(body: list[ast.stmt], path: Path, left: int) -> Iterator[Path]:
    yield path
    if not left:
        return
    for after in set(paths(body, path)):
        if after.left == RETURN:
            yield after
        elif after.left == NEXT:
            yield Path(after.lines)
        else:
            yield from _rounds(body, Path(after.lines), left - 1)


def expected(function: ast.AsyncFunctionDef) -> set[int]:
    """The lines of changes that come after a publish, and before none."""
    after, again = set[int](), set[int]()
    for path in set(paths(function.body, Path())):
        published, changes = False, set[int]()
        for line, text in path.lines:
            if text == PUBLISH:
                again |= changes
                published, changes = True, set()
            elif text == REPLACE:
                published, changes = False, set()
            elif text == CHANGE and published:
                after.add(line)
                changes.add(line)
    return after - again


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
    assert found == expected(function)
