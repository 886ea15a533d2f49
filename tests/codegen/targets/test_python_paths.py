"""Modules that can't be imported, and files that give one module."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sessionstream_codegen.generate import process

from tests.codegen.compiling import HEAD, errors_of, request_for

EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"


def importing(imported: str, importer: str = "a.proto") -> dict[str, str]:
    """Two files, the second of which uses an event of the first."""
    shared = HEAD.replace("acme", "shared") + f"message A {{ {EVENT} = {{}}; }}"
    own = f'{HEAD}import "{imported}";\nmessage B {{ {UI_EVENT} = {{}}; }}'
    return {imported: shared, importer: own}


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "part"), [("2fa/a.proto", "2fa"), ("with space/a.proto", "with space")]
    )
    def test_a_path_must_be_one_of_modules(self, path: str, part: str) -> None:
        assert errors_of({path: f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == [
            f"{path}:1:1: error: [SS002] {path} can't be imported in Python: "
            f'"{part}" is no Python name; rename the file or its folder'
        ]

    def test_all_parts_that_are_none_are_told_at_once_as_they_are_written(self) -> None:
        """Nor is a word lost on a prefix that would be made of the file's name."""
        assert errors_of({"2fa/1-time.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == [
            "2fa/1-time.proto:1:1: error: [SS002] 2fa/1-time.proto can't be imported in Python: "
            '"2fa" and "1-time" are no Python names; rename the file and its folders'
        ]

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("o\ufb03ce/a.proto", '"o\ufb03ce" as "office"'),
            ("cafe\u0301/a.proto", '"cafe\u0301" as "caf\u00e9"'),
            ("\uff41/b\u00ba.proto", '"\uff41" as "a" and "b\u00ba" as "bo"'),
        ],
    )
    def test_a_path_that_python_reads_in_another_spelling_is_refused(
        self, path: str, shown: str
    ) -> None:
        head = f'{HEAD}option (sessionstream.v1.file).name = "A";\n'
        assert errors_of({path: f"{head}message A {{ {EVENT} = {{}}; }}"}) == [
            f"{path}:1:1: error: [SS002] {path} can't be imported in Python, which reads {shown}; "
            "spell the file and its folders so, or in ASCII"
        ]

    def test_one_that_is_generated_as_well_is_told_of_once(self) -> None:
        assert errors_of(importing("2fa/b.proto")) == [
            "2fa/b.proto:1:1: error: [SS002] 2fa/b.proto can't be imported in Python: "
            '"2fa" is no Python name; rename the file or its folder'
        ]

    def test_so_must_the_path_of_an_imported_file_with_roles(self) -> None:
        assert errors_of(importing("2fa/b.proto"), only=["a.proto"]) == [
            "a.proto:4:1: error: [SS002] 2fa/b.proto can't be imported in Python: "
            '"2fa" is no Python name; rename the file or its folder'
        ]

    @pytest.mark.parametrize(
        ("imported", "importer", "keywords"),
        [
            ("class/b.proto", "a.proto", '"class"'),
            ("acme/class/v1/b.proto", "acme/v1/a.proto", '"class"'),
            ("class/import/b.proto", "class/a.proto", '"class" and "import"'),
        ],
    )
    def test_no_statement_imports_from_a_keyword_into_another_folder(
        self, imported: str, importer: str, keywords: str
    ) -> None:
        assert errors_of(importing(imported, importer), only=[importer]) == [
            f"{importer}:4:1: error: [SS002] {imported} can't be imported here in Python: "
            f"{keywords} is a keyword, which only files of the same folder do without; "
            "rename that folder"
        ]

    @pytest.mark.parametrize(
        ("imported", "importer"),
        [
            ("class/b.proto", "class/a.proto"),
            ("class/v1/b.proto", "class/v1/app/a.proto"),
            ("acme/class/rooms/v1/b.proto", "acme/class/desk/v1/a.proto"),
        ],
    )
    def test_files_below_one_keyword_import_each_other(self, imported: str, importer: str) -> None:
        assert errors_of(importing(imported, importer)) == []

    def test_no_app_module_imports_from_a_keyword(self) -> None:
        files = {"class/v1/a.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"}
        assert process(request_for(files, parameter="app=desk")).response.error == (
            "class/v1/a.proto:1:1: error: [SS002] class/v1/a.proto can't be part of an app module: "
            "no other folder of Python imports from class.v1, which holds a keyword; "
            "rename the folder"
        )

    @pytest.mark.parametrize("folder", ["platform", "sessionstream", "test", "websockets"])
    def test_a_folder_that_another_package_hides_is_a_warning(self, folder: str) -> None:
        path = f"{folder}/v1/a.proto"
        outcome = process(request_for({path: f"{HEAD}message A {{ {EVENT} = {{}}; }}"}))
        assert len(outcome.response.file) == 1
        assert outcome.warnings == (
            f"{path}:1:1: warning: [SS002] {path} can't be imported in Python: another package "
            f"or module is called {folder}, and is found first; rename the folder"
        )

    def test_a_file_without_roles_may_lie_anywhere(self) -> None:
        assert errors_of({"2fa/a.proto": f"{HEAD}message A {{}}"}) == []

    def test_dashes_become_underscores(self) -> None:
        assert errors_of({"two-factor/a-b.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == []


def annotated(package: str) -> str:
    return f"{HEAD.replace('acme', package)}message Of{package.title()} {{ {EVENT} = {{}}; }}"


def plain(package: str) -> str:
    return f'syntax = "proto3";\npackage {package}.v1;\nmessage Of{package.title()} {{}}'


class TestModules:
    """protoc writes a dash as an underscore, and a dot as a folder."""

    @pytest.mark.parametrize(
        ("first", "second", "module"),
        [
            ("chat-room.proto", "chat_room.proto", "chat_room_pb2"),
            ("chat.room.proto", "chat/room.proto", "chat.room_pb2"),
            ("a-b/chat.proto", "a_b/chat.proto", "a_b.chat_pb2"),
        ],
    )
    @pytest.mark.parametrize("other", [annotated, plain])
    @pytest.mark.parametrize("parameter", ["", "app=desk"])
    def test_no_two_files_give_one(
        self, first: str, second: str, module: str, other: Callable[[str], str], parameter: str
    ) -> None:
        files = {second: annotated("one"), first: other("two")}
        assert process(request_for(files, parameter=parameter)).response.error.splitlines() == [
            f"{second}:1:1: error: [SS007] {second} and {first} would both be the Python module "
            f"{module}; rename one of them",
            f"{first}:1:1: note: the other file is this one",
        ]

    def test_an_imported_file_is_one_of_them(self) -> None:
        files = {
            "chat_room.proto": annotated("one"),
            "chat-room.proto": annotated("two").replace(
                "import", 'import "chat_room.proto";\nimport', 1
            ),
        }
        assert [line.partition("]")[0] for line in errors_of(files, only=["chat-room.proto"])] == [
            "chat_room.proto:1:1: error: [SS007",
            "chat-room.proto:1:1: note: the other file is this one",
        ]

    def test_files_without_roles_are_a_matter_of_protoc(self) -> None:
        assert errors_of({"chat-room.proto": plain("one"), "chat_room.proto": plain("two")}) == []

    @pytest.mark.parametrize(
        ("path", "module", "hidden"),
        [
            ("x.proto", "x_pb2", "x_pb2/y.proto"),
            ("chat.proto", "chat_sessionstream", "chat_sessionstream/z.proto"),
            ("v1/x.proto", "v1.x_pb2", "v1/x-pb2/v1/y.proto"),
        ],
    )
    def test_none_hides_a_folder_that_another_lies_in(
        self, path: str, module: str, hidden: str
    ) -> None:
        assert errors_of({path: annotated("one"), hidden: annotated("two")}) == [
            f"{hidden}:1:1: error: [SS002] {hidden} can't be imported in Python: the module "
            f"{module} is found before the folder of that name; rename the folder",
            f"{path}:1:1: note: that module is generated from this file",
        ]

    def test_a_file_without_roles_has_no_module_of_ours_to_hide_it(self) -> None:
        assert (
            errors_of({"a.proto": plain("one"), "a_sessionstream/b.proto": annotated("two")}) == []
        )
