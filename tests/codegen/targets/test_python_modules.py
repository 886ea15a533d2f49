"""How one generated module imports another, and names what several files have."""

from __future__ import annotations

import ast
import keyword
from importlib.util import resolve_name

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.generate import generate
from sessionstream_codegen.targets.python.modules import import_from

from tests.codegen.compiling import request_for

PARTS = st.one_of(st.sampled_from(["a", "b", "v1"]), st.sampled_from(keyword.kwlist[:4]))
PACKAGES = st.lists(PARTS, min_size=1, max_size=4).map(".".join)


class TestImportFrom:
    @pytest.mark.parametrize(
        ("package", "inside", "written"),
        [
            ("chat.v1", "rooms.v1", "chat.v1"),
            ("chat.v1", "", "chat.v1"),
            ("async.v1", "async.v1", "."),
            ("async.v1", "async.v1.desk", ".."),
            ("async.rooms.v1", "async.desk.v1", "...rooms.v1"),
            ("async.v1", "chat.v1", ""),
            ("async.v1", "", ""),
            ("chat.async", "chat.v1", ""),
        ],
    )
    def test_what_lies_below_a_keyword_is_imported_from_there(
        self, package: str, inside: str, written: str
    ) -> None:
        assert import_from(package, inside) == written

    @given(PACKAGES, PACKAGES)
    def test_a_statement_leads_to_the_package(self, package: str, inside: str) -> None:
        written = import_from(package, inside)
        if written:
            ast.parse(f"from {written} import x")
            assert resolve_name(written, inside).rstrip(".") == package

    @given(PACKAGES)
    def test_a_package_imports_from_itself(self, package: str) -> None:
        assert import_from(package, package)


def opened(package: str) -> str:
    """The event ``Opened`` of a package."""
    mark = f'option (sessionstream.v1.message).event = {{name: "{package}.opened"}};'
    return (
        f'syntax = "proto3";\npackage {package};\nimport "sessionstream/v1/options.proto";\n'
        f"message Opened {{ {mark} }}\n"
    )


def aliases(*paths: str) -> list[str]:
    """The names that a module has for those of the files that it imports."""
    files = {path: opened(f"p{at}") for at, path in enumerate(paths)}
    head, rest = NO_EVENTS.split("\n", 1)
    app = "\n".join([head, *(f'import "{path}";' for path in paths), rest])
    response = generate(request_for({**files, "app.proto": app}, only=["app.proto"]))
    assert not response.error
    imported = (
        name.asname or name.name
        for node in ast.parse(response.file[0].content).body
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in node.names
    )
    return [alias for alias in imported if "_pb2" in alias]


def methods(app: str, *imports: str, **packages: str) -> list[str]:
    """The publisher's methods for an app that imports files: their names with their packages."""
    files = {f"{name}.proto": opened(package) for name, package in packages.items()}
    head, rest = app.split("\n", 1)
    files["app.proto"] = "\n".join([head, *(f'import "{name}.proto";' for name in imports), rest])
    response = generate(request_for(files, only=["app.proto"]))
    assert not response.error
    body = ast.parse(response.file[0].content).body
    (publisher,) = (
        node for node in body if isinstance(node, ast.ClassDef) and node.name == "AppPublisher"
    )
    names = [node.name for node in publisher.body if isinstance(node, ast.AsyncFunctionDef)]
    return [name for name in names if name not in ("publish", "publish_all")]


NO_EVENTS = """\
syntax = "proto3";
import "sessionstream/v1/options.proto";
message Open { option (sessionstream.v1.message).command = {}; }
"""


class TestImportedNames:
    def test_one_that_only_one_file_has_stays(self) -> None:
        assert methods(NO_EVENTS, "a", a="billing.v1", b="rooms.v1") == ["opened"]

    def test_those_of_several_files_have_the_words_of_their_packages(self) -> None:
        found = methods(NO_EVENTS, "a", "b", a="billing.v1", b="rooms.v1")
        assert found == ["billing_opened", "rooms_opened"]

    def test_the_order_of_imports_changes_no_name(self) -> None:
        found = methods(NO_EVENTS, "b", "a", a="billing.v1", b="rooms.v1")
        assert found == ["rooms_opened", "billing_opened"]

    def test_those_of_the_file_itself_stay(self) -> None:
        assert methods(opened("app"), "b", b="rooms.v1") == ["opened", "rooms_opened"]

    def test_files_of_one_package_word_have_those_of_their_names(self) -> None:
        found = methods(NO_EVENTS, "a", "b", a="x.rooms.v1", b="y.rooms.v1")
        assert found == ["a_opened", "b_opened"]


class TestImportedModules:
    @pytest.mark.parametrize(
        ("paths", "expected"),
        [
            (("b/t.proto", "c/u.proto"), ["t_pb2", "u_pb2"]),
            (("b/t.proto", "c/t.proto"), ["b_t_pb2", "c_t_pb2"]),
            (("c/t.proto", "b/t.proto"), ["b_t_pb2", "c_t_pb2"]),
            (("b/v1/t.proto", "c/v1/t.proto"), ["b_v1_t_pb2", "c_v1_t_pb2"]),
            (("b/v1/t.proto", "b/v2/t.proto"), ["b_v1_t_pb2", "b_v2_t_pb2"]),
            (("x/b/t.proto", "x/c/t.proto", "t.proto"), ["b_t_pb2", "c_t_pb2", "t_pb2"]),
            (("v1/t.proto", "v2/t.proto"), ["v1_t_pb2", "v2_t_pb2"]),
            (
                ("a/b/t.proto", "a_b/t.proto", "c/b/t.proto"),
                ["a_b_t_pb2", "a_b_t_pb2_", "c_b_t_pb2"],
            ),
        ],
    )
    def test_those_of_one_name_are_all_called_after_their_packages(
        self, paths: tuple[str, ...], expected: list[str]
    ) -> None:
        assert sorted(aliases(*paths)) == expected
