"""Warnings: what compiles, but can't be meant; none on a schema that is in order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sessionstream_codegen.generate import process

from tests.codegen.compiling import HEAD, errors_of, request_for
from tests.codegen.golden_trees import REPOSITORY

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"

ASK = f"message Ask {{ {COMMAND} = {{}}; }}\n"
ASKED = f"message Asked {{ {EVENT} = {{}}; }}\n"
SHOWN = f"message Shown {{ {UI_EVENT} = {{}}; }}\n"
KEPT = f"message Kept {{ {ENTITY} = {{}}; string id = 1 {KEY}; }}\n"

SCHEMAS = [
    REPOSITORY / "tests" / "codegen" / "golden",
    REPOSITORY / "tests" / "consumer",
    REPOSITORY / "examples",
]


def warnings_of(files: Mapping[str, str], only: str = "a.proto") -> list[str]:
    """Returns what is said besides the files, which must be written all the same."""
    outcome = process(request_for(files, only=[only]))
    assert not outcome.response.error
    return outcome.warnings.splitlines()


def warnings(text: str) -> list[str]:
    return warnings_of({"a.proto": HEAD + text})


class TestOptionWithoutRole:
    def test_it_is_told(self) -> None:
        assert warnings("message A {\n  option (sessionstream.v1.message) = {};\n}") == [
            "a.proto:5:3: warning: [SS104] acme.v1.A has option (sessionstream.v1.message), but no "
            "role; set its command, event, ui_event or entity, or remove the option"
        ]


class TestEvents:
    """Events become nothing where the file that has what they could become is not imported."""

    @pytest.mark.parametrize(("use", "name"), [(SHOWN, "Shown"), (KEPT, "Kept")])
    def test_those_that_become_nothing_are_told(self, use: str, name: str) -> None:
        assert warnings_of({"a.proto": HEAD + ASK + ASKED, "b.proto": HEAD + use}) == [
            "a.proto:5:17: warning: [SS105] nothing can come of the events of a.proto: it neither "
            "declares nor imports a UI event or an entity; import b.proto, or declare one",
            f"b.proto:4:9: note: b.proto has {name}, for example",
        ]

    @pytest.mark.parametrize("use", [SHOWN, KEPT])
    def test_one_use_is_enough(self, use: str) -> None:
        others = {"b.proto": HEAD + SHOWN.replace("Shown", "Other")}
        assert warnings_of({"a.proto": HEAD + ASK + ASKED + use, **others}) == []

    @pytest.mark.parametrize("use", [SHOWN, KEPT])
    def test_an_imported_one_too(self, use: str) -> None:
        text = HEAD + 'import "b.proto";\n' + ASK + ASKED
        assert warnings_of({"a.proto": text, "b.proto": HEAD + use}) == []

    def test_those_of_a_package_without_any_use_are_there_to_be_kept(self) -> None:
        elsewhere = HEAD.replace("acme", "other") + SHOWN
        assert warnings_of({"a.proto": HEAD + ASK + ASKED, "b.proto": elsewhere}) == []

    @pytest.mark.parametrize(("use", "name"), [(SHOWN, "Shown"), (KEPT, "Kept")])
    def test_events_alone_are_told_beside_what_nothing_else_becomes(
        self, use: str, name: str
    ) -> None:
        """Each side waits for the other; a file of commands that imports both changes nothing."""
        commands = f'{HEAD}import "a.proto";\nimport "b.proto";\n{ASK}'
        files = {"a.proto": HEAD + ASKED, "b.proto": HEAD + use, "c.proto": commands}
        assert warnings_of(files) == [
            "a.proto:4:17: warning: [SS105] nothing can come of the events of a.proto: it neither "
            "declares nor imports a UI event or an entity; import b.proto, or declare one",
            f"b.proto:4:9: note: b.proto has {name}, for example",
        ]

    def test_events_alone_may_be_kept_where_others_become_what_there_is(self) -> None:
        whole = ASKED.replace("Asked", "Heard") + SHOWN
        assert warnings_of({"a.proto": HEAD + ASKED, "b.proto": HEAD + whole}) == []

    def test_nor_does_it_matter_in_which_file_the_others_are(self) -> None:
        others = HEAD + 'import "b.proto";\n' + ASKED.replace("Asked", "Heard")
        files = {"a.proto": HEAD + ASKED, "b.proto": HEAD + SHOWN, "c.proto": others}
        assert warnings_of(files) == []

    @pytest.mark.parametrize("asked", [ASK, ""], ids=["commands", "events-alone"])
    @pytest.mark.parametrize("behind", ["a.proto", "c.proto"], ids=["directly", "by-another"])
    def test_those_that_only_an_importer_could_use_are_to_be_declared_there(
        self, asked: str, behind: str
    ) -> None:
        files = {
            "a.proto": HEAD + asked + ASKED,
            "b.proto": f'{HEAD}import "{behind}";\n{SHOWN}',
            "c.proto": f'{HEAD}import "a.proto";\n',
        }
        [warning, note] = warnings_of(files)
        assert warning.endswith(
            "UI event or an entity; b.proto can't be imported, since it imports this file: "
            "declare them there"
        )
        assert note == "b.proto:5:9: note: b.proto has Shown, for example"

    def test_an_importer_with_events_of_its_own_may_have_them_kept(self) -> None:
        text = HEAD + 'import "a.proto";\n' + ASKED.replace("Asked", "Heard") + SHOWN
        assert warnings_of({"a.proto": HEAD + ASK + ASKED, "b.proto": text}) == []

    def test_an_ephemeral_one_is_an_error(self) -> None:
        text = ASK + ASKED.replace("{}", "{ephemeral: true}")
        outcome = process(request_for({"a.proto": HEAD + text}))
        assert not outcome.warnings
        assert outcome.response.error == (
            "a.proto:5:17: error: [SS103] nobody can see the ephemeral event acme.v1.Asked: it is "
            "never stored, and a.proto neither declares nor imports a UI event; "
            "declare one, or remove ephemeral"
        )

    def test_it_is_told_which_import_would_do(self) -> None:
        text = ASKED.replace("{}", "{ephemeral: true}")
        files = {"a.proto": HEAD + text, "b.proto": HEAD + KEPT, "c.proto": HEAD + SHOWN}
        assert errors_of(files, only=["a.proto"]) == [
            "a.proto:4:17: error: [SS103] nobody can see the ephemeral event acme.v1.Asked: it is "
            "never stored, and a.proto neither declares nor imports a UI event; "
            "import c.proto, declare one, or remove ephemeral",
            "c.proto:4:9: note: c.proto has Shown, for example",
        ]

    def test_an_importer_is_none(self) -> None:
        text = ASKED.replace("{}", "{ephemeral: true}")
        files = {"a.proto": HEAD + text, "b.proto": f'{HEAD}import "a.proto";\n{SHOWN}'}
        [error] = errors_of(files, only=["a.proto"])
        assert error.endswith("a UI event; declare one, or remove ephemeral")

    def test_it_needs_a_ui_event_which_may_be_imported(self) -> None:
        text = HEAD + 'import "b.proto";\n' + ASKED.replace("{}", "{ephemeral: true}")
        assert warnings_of({"a.proto": text, "b.proto": HEAD + SHOWN}) == []


class TestCommands:
    """Handlers without an event can't change what there is to see."""

    @pytest.mark.parametrize("use", [SHOWN, KEPT])
    def test_handlers_that_can_publish_nothing_are_told(self, use: str) -> None:
        assert warnings(use + ASK) == [
            "a.proto:5:15: warning: [SS106] the handlers of a.proto can publish nothing: it "
            "neither declares nor imports an event; declare one, or import the file that does"
        ]

    def test_an_imported_event_is_one(self) -> None:
        text = HEAD + 'import "b.proto";\n' + ASK + SHOWN
        assert warnings_of({"a.proto": text, "b.proto": HEAD + ASKED}) == []

    def test_commands_alone_may_do_what_they_do_elsewhere(self) -> None:
        assert warnings(ASK) == []


class TestSchemasInOrder:
    @pytest.mark.parametrize("root", SCHEMAS, ids=lambda root: root.name)
    def test_they_give_none(self, root: Path) -> None:
        files = {
            path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
            for path in root.rglob("*.proto")
        }
        assert files
        assert process(request_for(files)).warnings == ""
