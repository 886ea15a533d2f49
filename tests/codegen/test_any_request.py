"""Whatever a request holds: code that is code, or diagnostics; never anything else."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from hypothesis import HealthCheck, given, settings
from sessionstream_codegen.generate import generate

from tests.codegen.random_requests import PATHS, TAME_PATHS, requests

DIAGNOSTIC = re.compile(
    rf"({'|'.join(map(re.escape, PATHS + TAME_PATHS))}):\d+:\d+: "
    r"(error: \[SS\d\d\d\]|note:) \S.*[^.]"
)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def scopes(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """The module's body, and that of each class."""
    yield tree.body
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.body


def bound(statements: list[ast.stmt]) -> Iterator[str]:
    for node in statements:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target)
        elif isinstance(node, ast.Assign):
            yield from map(ast.unparse, node.targets)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)


class TestAnyRequest:
    @given(requests())
    @SLOW
    def test_no_name_is_bound_twice(self, request: CodeGeneratorRequest) -> None:
        for file in generate(request).file:
            tree = ast.parse(file.content, filename=file.name)
            for statements in scopes(tree):
                twice = [name for name, count in Counter(bound(statements)).items() if count > 1]
                assert twice == []

    @given(requests())
    @SLOW
    def test_a_diagnostic_is_one_line_with_its_place(self, request: CodeGeneratorRequest) -> None:
        for line in generate(request).error.split("\n"):
            assert line == "" or DIAGNOSTIC.fullmatch(line), line

    @given(requests())
    @SLOW
    def test_the_order_of_messages_changes_no_verdict(self, request: CodeGeneratorRequest) -> None:
        before = bool(generate(request).error)
        for file in request.proto_file:
            file.ClearField("source_code_info")
            backwards = list(file.message_type)[::-1]
            del file.message_type[:]
            file.message_type.extend(backwards)
        assert bool(generate(request).error) == before
