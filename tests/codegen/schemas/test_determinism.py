"""The same schema gives the same bytes, whoever compiles it, wherever and in whatever order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from sessionstream_codegen.generate import generate

from tests.codegen import app_trees, golden_trees
from tests.codegen.capturing import from_buf, from_protoc
from tests.codegen.golden_trees import REPOSITORY
from tests.codegen.made_trees import made_trees
from tests.codegen.schemas.annotating import request_of
from tests.codegen.schemas.random_requests import shuffled

PLUGIN = "protoc-gen-sessionstream"
TREES: Mapping[str, Path] = {"golden": golden_trees.ROOT, "app": app_trees.ROOT}
RUNS = [
    pytest.param("golden", "", id="modules"),
    pytest.param("app", "app=acme/desk", id="app"),
    pytest.param("app", "target=markdown", id="catalogue"),
    pytest.param("app", "target=lock", id="lock"),
]
_PROTOBUF = "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"
ENVIRONMENTS = [
    pytest.param({"PYTHONHASHSEED": "0", _PROTOBUF: "upb"}, id="upb"),
    pytest.param({"PYTHONHASHSEED": "1", _PROTOBUF: "python"}, id="python"),
    pytest.param(
        {"PYTHONHASHSEED": "random", "PYTHONUTF8": "0", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        id="elsewhere",
    ),
]

Capture = Callable[[Mapping[str, str], Path], CodeGeneratorRequest]
Requests = Mapping[tuple[str, str], CodeGeneratorRequest]
"""By the tree and the compiler."""
Expect = Callable[[str, str], CodeGeneratorResponse]
"""By the tree and the parameter."""


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Requests:
    """The requests of both compilers for each tree; those that are made go with the golden ones."""
    compilers: Mapping[str, Capture] = {"protoc": from_protoc, "buf": from_buf}
    return {
        (tree, compiler): capture(sources(tree), tmp_path_factory.mktemp(f"{tree}-{compiler}"))
        for tree in TREES
        for compiler, capture in compilers.items()
    }


@pytest.fixture(scope="module")
def expected(captured: Requests) -> Expect:
    """What this process answers to the request of protoc; it is asked once."""

    @cache
    def answer(tree: str, parameter: str) -> CodeGeneratorResponse:
        return generate(with_parameter(captured[tree, "protoc"], parameter))

    return answer


def sources(tree: str) -> dict[str, str]:
    root = TREES[tree]
    found = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.proto"))
    }
    return found | dict(made_trees() if tree == "golden" else {})


def with_parameter(request: CodeGeneratorRequest, parameter: str) -> CodeGeneratorRequest:
    found = CodeGeneratorRequest()
    found.CopyFrom(request)
    found.parameter = parameter
    return found


def contents(response: CodeGeneratorResponse) -> dict[tuple[str, str], str]:
    """Returns what is written by path and insertion point, and that there is something."""
    assert not response.error
    assert response.file
    return {(file.name, file.insertion_point): file.content for file in response.file}


@pytest.mark.parametrize(("tree", "parameter"), RUNS)
class TestTheSameBytes:
    def test_come_of_protoc_and_of_buf(
        self, captured: Requests, expected: Expect, tree: str, parameter: str
    ) -> None:
        """But for a newline that buf takes from the end of a file that covers a run."""
        one = contents(expected(tree, parameter))
        other = contents(generate(with_parameter(captured[tree, "buf"], parameter)))
        assert one.keys() == other.keys()
        for (path, mark), content in one.items():
            assert content.rstrip("\n") == other[path, mark].rstrip("\n")

    @pytest.mark.parametrize("environ", ENVIRONMENTS)
    def test_come_of_every_process(
        self,
        captured: Requests,
        expected: Expect,
        tree: str,
        parameter: str,
        environ: dict[str, str],
    ) -> None:
        """Whatever its hash seed, its locale, its time zone, and the implementation of protobuf."""
        request = with_parameter(captured[tree, "protoc"], parameter)
        stdin = request.SerializeToString()
        done = golden_trees.run_bytes(PLUGIN, cwd=REPOSITORY, stdin=stdin, **environ)
        assert done.returncode == 0, done.stderr
        assert done.stdout == expected(tree, parameter).SerializeToString(deterministic=True)

    def test_come_of_files_in_every_order(
        self, captured: Requests, expected: Expect, tree: str, parameter: str
    ) -> None:
        """But for the order in which they are answered, which is that of the question."""
        request = with_parameter(captured[tree, "protoc"], parameter)
        written = contents(expected(tree, parameter))

        @given(st.randoms())
        @settings(max_examples=3)
        def hold(order: random.Random) -> None:
            assert contents(generate(shuffled(request, order))) == written

        hold()

    def test_come_of_a_request_without_the_descriptors_of_sources(
        self, captured: Requests, expected: Expect, tree: str, parameter: str
    ) -> None:
        """An older compiler sends none."""
        request = with_parameter(captured[tree, "protoc"], parameter)
        assert request.source_file_descriptors
        del request.source_file_descriptors[:]
        assert contents(generate(request)) == contents(expected(tree, parameter))


class TestAModule:
    def test_depends_on_its_file_and_what_that_imports(
        self, captured: Requests, expected: Expect
    ) -> None:
        """Not on what else is in the run: buf runs the plugin once per folder."""
        request = captured["golden", "protoc"]
        for (path, _), content in contents(expected("golden", "")).items():
            asked = path.removesuffix("_sessionstream.py")
            [proto] = [
                name
                for name in request.file_to_generate
                if name.removesuffix(".proto").replace("-", "_") == asked
            ]
            alone = request_of(request.proto_file, [proto])
            assert contents(generate(alone)) == {(path, ""): content}

    def test_names_no_place_of_the_machine(self, expected: Expect) -> None:
        for content in contents(expected("golden", "")).values():
            assert str(REPOSITORY) not in content


class TestALockFile:
    def test_is_the_same_whatever_the_order_of_messages(
        self, captured: Requests, expected: Expect
    ) -> None:
        request = with_parameter(captured["app", "protoc"], "target=lock")
        for file in (*request.proto_file, *request.source_file_descriptors):
            file.ClearField("source_code_info")
            messages = list(file.message_type)[::-1]
            del file.message_type[:]
            file.message_type.extend(messages)
        assert contents(generate(request)) == contents(expected("app", "target=lock"))
