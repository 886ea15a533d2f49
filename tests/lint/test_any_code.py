"""The rules take any code as it comes."""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from sessionstream.lint.checking import check
from sessionstream.lint.facts import Callee, Facts, Installation, Role
from sessionstream.lint.source import Source


class Guesses(Facts):
    """Facts as they would be if every function had every role, and every call published."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def callee(self, expression: ast.expr) -> Callee:
        names = {self._source.dotted(expression), f"builtins.{ast.unparse(expression)}"}
        return Callee(names=frozenset(names))

    def classes(self, expression: ast.expr) -> frozenset[str]:
        return frozenset({f"builtins.{ast.unparse(expression)}"})

    def ancestry(self, expression: ast.expr) -> frozenset[str]:
        return frozenset({"google.protobuf.message.Message"})

    def awaited(self, call: ast.Call) -> frozenset[str]:
        return frozenset({"sessionstream.types.Event"})

    def roles(self) -> Mapping[int, Role]:
        roles = [*Role]
        return {line: roles[line % 2] for line in self._source.functions}

    def project_method(self, expression: ast.expr) -> int:
        return 0

    def installation(self, call: ast.Call) -> Installation | None:
        return Installation(ui=frozenset({"a"}), timeline=frozenset({"a"}))


def checked(text: bytes) -> int:
    source = Source(text)
    return len(check(source, Guesses(source), text))


@pytest.mark.parametrize("package", [asyncio, json, ast], ids=lambda package: package.__name__)
def test_the_standard_library_is_judged_to_its_end(package: object) -> None:
    path = Path(str(getattr(package, "__file__", "")))
    paths = [*path.parent.glob("*.py")] if path.name == "__init__.py" else [path]
    assert sum(checked(path.read_bytes()) for path in paths) > 0


@pytest.mark.parametrize(
    "text",
    [
        "async def f():\n    x = " + " + ".join(["'a'"] * 2000),
        "def f(x):\n    if x: pass\n" + "    elif x: pass\n" * 1000,
        "",
        "x = 1",
        "lambda: (yield)",
        "def f():\n    try: pass\n    finally: return",
        "match x:\n    case 1: x.y = 2\n    case _: pass",
    ],
    ids=["sum", "elif", "empty", "plain", "lambda", "finally", "match"],
)
def test_odd_code_is_judged_to_its_end(text: str) -> None:
    assert checked(text.encode()) >= 0
