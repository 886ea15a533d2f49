"""Whatever a request holds: files that can be read, or diagnostics; never anything else."""

from __future__ import annotations

import ast
import json
import random
import re
from collections import Counter
from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sessionstream_codegen.generate import generate, process

from sessionstream.doc import entries
from tests.codegen.schemas.diagnostic_lines import DIAGNOSTIC
from tests.codegen.schemas.random_requests import requests, shuffled

# About parameters, about the request as a whole, about where the app module may be.
WITHOUT_A_PLACE = {"SS001", "SS005", "SS404"}
KNOWN = {entry.slug for entry in entries()}
SLOW = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])


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


def without_sources(request: CodeGeneratorRequest) -> CodeGeneratorRequest:
    """Returns it with nothing that counts messages from the beginning of a file."""
    found = CodeGeneratorRequest()
    found.CopyFrom(request)
    for file in (*found.proto_file, *found.source_file_descriptors):
        file.ClearField("source_code_info")
    return found


def contents(response: CodeGeneratorResponse) -> list[tuple[str, str, str]]:
    return sorted((file.name, file.insertion_point, file.content) for file in response.file)


class TestAnyRequest:
    @given(requests())
    @SLOW
    def test_what_is_written_can_be_read(self, request: CodeGeneratorRequest) -> None:
        written = [file for file in generate(request).file if not file.insertion_point]
        assert len({file.name for file in written}) == len(written)
        for file in written:
            match file.name.rpartition(".")[2]:
                case "py":
                    ast.parse(file.content, filename=file.name)
                case "json":
                    assert isinstance(json.loads(file.content), dict)
                case "ts":
                    exported = re.findall(r"^export \w+ (\w+)", file.content, re.MULTILINE)
                    assert len(set(exported)) == len(exported)
                case extension:
                    assert extension == "md"
                    fences = re.findall(r"^```", file.content, re.MULTILINE)
                    assert len(fences) % 2 == 0

    @given(requests())
    @SLOW
    def test_no_name_is_bound_twice(self, request: CodeGeneratorRequest) -> None:
        for file in generate(request).file:
            if file.name.endswith(".py"):
                for statements in scopes(ast.parse(file.content)):
                    count = Counter(bound(statements))
                    assert [name for name, times in count.items() if times > 1] == []

    @given(requests())
    @SLOW
    def test_a_diagnostic_is_one_line_with_its_place(self, request: CodeGeneratorRequest) -> None:
        outcome = process(request)
        paths = {file.name for file in request.proto_file}
        for line in "\n".join([outcome.response.error, outcome.warnings]).split("\n"):
            if line:
                match = DIAGNOSTIC.fullmatch(line)
                assert match, line
                assert match["note"] or match["code"] in KNOWN
                assert match["path"] in paths or match["code"] in WITHOUT_A_PLACE

    @given(requests())
    @SLOW
    def test_it_is_left_as_it_was(self, request: CodeGeneratorRequest) -> None:
        before = request.SerializeToString(deterministic=True)
        generate(request)
        assert request.SerializeToString(deterministic=True) == before

    @given(requests())
    @SLOW
    def test_the_order_of_messages_changes_no_verdict(self, request: CodeGeneratorRequest) -> None:
        forwards = without_sources(request)
        backwards = without_sources(request)
        for file in (*backwards.proto_file, *backwards.source_file_descriptors):
            messages = list(file.message_type)[::-1]
            del file.message_type[:]
            file.message_type.extend(messages)
        assert bool(generate(forwards).error) == bool(generate(backwards).error)

    @given(requests(), st.randoms())
    @SLOW
    def test_the_order_of_files_changes_nothing(
        self, request: CodeGeneratorRequest, order: random.Random
    ) -> None:
        """But that of the files in the response, which is that in which they are asked for."""
        one, other = generate(request), generate(shuffled(request, order))
        assert one.error == other.error
        assert contents(one) == contents(other)
