"""Mistakes across files: all of a run at once, those of imported roles, and names of an app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from sessionstream_codegen.generate import process
from sessionstream_codegen.options import with_known_options
from sessionstream_codegen.reader import read
from sessionstream_codegen.rules.wire_names import check_one_registry

from tests.codegen.capturing import from_buf, from_protoc
from tests.codegen.compiling import HEAD, errors_of, request_for

Capture = Callable[[Mapping[str, str], Path], CodeGeneratorRequest]

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
ENTITY = "option (sessionstream.v1.message).entity"

OPTIONS = "sessionstream/v1/options.proto"
BROKEN = f"{HEAD}message Room {{\n  {ENTITY} = {{}};\n}}\n"
USER = f'{HEAD}import "b.proto";\nmessage Ask {{ {COMMAND} = {{}}; }}\n'
NO_KEY = (
    "b.proto:4:9: error: [SS201] the entity acme.v1.Room has no key; "
    "mark the field that holds its id with [(sessionstream.v1.field).key = true]"
)


class TestImportedRoles:
    """A module that uses them can't work where theirs can't be generated."""

    def test_they_are_judged_in_their_own_file(self) -> None:
        assert errors_of({"b.proto": BROKEN, "a.proto": USER}, only=["a.proto"]) == [
            NO_KEY,
            "a.proto:4:1: note: its roles are imported here",
        ]

    def test_once_however_many_files_import_them(self) -> None:
        files = {"b.proto": BROKEN, "c.proto": USER.replace("Ask", "Tell"), "a.proto": USER}
        assert errors_of(files, only=["c.proto", "a.proto"]) == [
            NO_KEY,
            "a.proto:4:1: note: its roles are imported here",
        ]

    def test_those_that_are_generated_as_well_are_judged_as_such(self) -> None:
        assert errors_of({"b.proto": BROKEN, "a.proto": USER}) == [NO_KEY]

    def test_where_another_file_makes_them_public_its_import_is_named(self) -> None:
        files = {
            "b.proto": BROKEN,
            "c.proto": f'{HEAD}import public "b.proto";',
            "a.proto": USER.replace("b.proto", "c.proto"),
        }
        assert errors_of(files, only=["a.proto"]) == [
            NO_KEY,
            "a.proto:4:1: note: its roles are imported here",
        ]

    def test_a_file_without_roles_may_import_what_it_likes(self) -> None:
        files = {"b.proto": BROKEN, "a.proto": f'{HEAD}import "b.proto";'}
        assert errors_of(files, only=["a.proto"]) == []

    def test_what_they_are_warned_of_is_for_those_who_generate_them(self) -> None:
        empty = f"{HEAD}message B {{ option (sessionstream.v1.message) = {{}}; }}\n"
        files = {"b.proto": f"{empty}message C {{ {EVENT} = {{}}; }}", "a.proto": USER}
        assert process(request_for(files, only=["a.proto"])).warnings == ""

    def test_well_known_types_have_none(self) -> None:
        """Nobody but a copy of protobuf's own files could give them one."""
        request = request_for(
            {
                "google/protobuf/empty.proto": (
                    f'syntax = "proto3";\npackage google.protobuf;\nimport "{OPTIONS}";\n'
                    f"message Empty {{ {EVENT} = {{}}; }}"
                ),
                "a.proto": USER.replace("b.proto", "google/protobuf/empty.proto"),
            },
            only=["a.proto"],
        )
        assert process(request).response.error.splitlines() == [
            "google/protobuf/empty.proto:4:9: error: [SS102] google.protobuf.Empty can't have a "
            "role: it has no shape of its own; make it a field of a message that has one",
            "a.proto:4:1: note: its roles are imported here",
        ]


class TestOneRegistry:
    """Files that know nothing of each other may still be registered together."""

    def test_a_name_is_taken_once(self) -> None:
        files = {
            f"{name}.proto": f"{HEAD.replace('acme', name)}message Ask {{ {COMMAND} = {{}}; }}"
            for name in ("one", "two", "three")
        }
        run = read(with_known_options(request_for(files)))
        assert [str(found) for found in check_one_registry(run)] == [
            f'{name}.proto:4:15: error: [SS302] the name "Ask" of the command {name}.v1.Ask is '
            "taken by the command one.v1.Ask; give one of them another name\n"
            "one.proto:4:15: note: it is taken here"
            for name in ("three", "two")
        ]

    def test_what_is_told_of_a_package_or_an_import_is_not_told_again(self) -> None:
        ask = f"message Ask {{ {COMMAND} = {{}}; }}"
        files = {
            "a.proto": HEAD + ask,
            "b.proto": HEAD + f"message Tell {{ {COMMAND} = {{name: 'Ask'}}; }}",
            "c.proto": HEAD.replace("acme", "other") + f'import "a.proto";\n{ask}',
        }
        request = request_for(files)
        run = read(with_known_options(request))
        assert [str(found).splitlines()[0] for found in check_one_registry(run)] == []
        assert process(request).response.error.count("error: [SS302]") == 2


class TestRun:
    @pytest.mark.parametrize("capture", [from_protoc, from_buf])
    def test_every_mistake_of_every_file_is_told_in_order(
        self, capture: Capture, tmp_path: Path
    ) -> None:
        user = USER.replace("b.proto", "b/b.proto").replace("{}", '{name: "a b"}')
        request = capture({"b/b.proto": BROKEN, "a/a.proto": user}, tmp_path)
        said = process(request).response.error.splitlines()
        assert [line.partition("]")[0] for line in said] == [
            "a/a.proto:5:15: error: [SS301",
            "b/b.proto:4:9: error: [SS201",
        ]
