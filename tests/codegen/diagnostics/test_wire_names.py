"""Names on the wire: well-formed, claimed once, and told of once."""

from __future__ import annotations

import pytest
from sessionstream_codegen.generate import process

from tests.codegen.compiling import HEAD, errors, errors_of, request_for

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"


class TestWireNames:
    @pytest.mark.parametrize("name", [" ", "two words", "9lives", "Größe", "a\\nb", '\\"'])
    def test_they_are_letters_digits_and_a_few_signs(self, name: str) -> None:
        found = errors(f'message A {{\n  {EVENT} = {{aliases: ["{name}"]}};\n}}')
        assert found == [
            f'a.proto:5:3: error: [SS301] "{name}" can\'t be a name of the event acme.v1.A: '
            "a name begins with a letter and goes on with letters, digits and _ . : / -"
        ]

    @pytest.mark.parametrize(
        ("role", "title", "option"),
        [
            (COMMAND, "command", "name"),
            (EVENT, "event", "name"),
            (UI_EVENT, "UI event", "names"),
            (ENTITY, "entity", "kind"),
        ],
    )
    def test_of_a_message_s_own_it_is_said_what_sets_another(
        self, role: str, title: str, option: str
    ) -> None:
        key = f"string id = 1 {KEY};" if role == ENTITY else ""
        assert errors(f"message _view {{\n  {role} = {{}};\n  {key}\n}}") == [
            f'a.proto:5:3: error: [SS301] "_view" can\'t be a name of the {title} acme.v1._view: '
            "a name begins with a letter and goes on with letters, digits and _ . : / -; "
            f"it is the name of the message, so set {option} to another"
        ]

    @pytest.mark.parametrize(
        ("option", "title"),
        [
            (f'{COMMAND} = {{aliases: [""]}}', "command"),
            (f'{EVENT} = {{aliases: [""]}}', "event"),
            (f'{UI_EVENT} = {{names: [""]}}', "UI event"),
        ],
    )
    def test_one_that_is_empty_is_to_be_removed(self, option: str, title: str) -> None:
        assert errors(f"message A {{\n  {option};\n}}") == [
            f'a.proto:5:3: error: [SS301] "" can\'t be a name of the {title} acme.v1.A: a name '
            "begins with a letter and goes on with letters, digits and _ . : / -; remove it"
        ]

    def test_each_role_has_its_own(self) -> None:
        messages = (
            f'message A {{ {COMMAND} = {{name: "X"}}; }}',
            f'message B {{ {EVENT} = {{name: "X"}}; }}',
            f'message C {{ {UI_EVENT} = {{names: ["X"]}}; }}',
            f'message D {{ {ENTITY} = {{kind: "X"}}; string id = 1 {KEY}; }}',
        )
        assert errors("\n".join(messages)) == []

    @pytest.mark.parametrize(
        ("first", "second", "title"),
        [
            (f"{COMMAND} = {{}}", f'{COMMAND} = {{name: "A"}}', "command"),
            (f"{EVENT} = {{}}", f'{EVENT} = {{name: "A"}}', "event"),
            (f"{EVENT} = {{}}", f'{EVENT} = {{aliases: ["A"]}}', "event"),
            (f"{UI_EVENT} = {{}}", f'{UI_EVENT} = {{names: ["B", "A"]}}', "UI event"),
        ],
    )
    def test_one_is_taken_once(self, first: str, second: str, title: str) -> None:
        assert errors(f"message A {{\n  {first};\n}}\nmessage B {{\n  {second};\n}}") == [
            f'a.proto:8:3: error: [SS302] the name "A" of the {title} acme.v1.B is taken by the '
            f"{title} acme.v1.A; give one of them another name",
            "a.proto:5:3: note: it is taken here",
        ]

    def test_a_kind_is_one_too(self) -> None:
        first = f"message A {{\n  {ENTITY} = {{}};\n  string id = 1 {KEY};\n}}"
        second = f'message B {{\n  {ENTITY} = {{kind: "A"}};\n  string id = 1 {KEY};\n}}'
        assert errors(f"{first}\n{second}") == [
            'a.proto:9:3: error: [SS302] the name "A" of the entity acme.v1.B is taken by the '
            "entity acme.v1.A; give one of them another name",
            "a.proto:5:3: note: it is taken here",
        ]

    def test_an_alias_is_not_the_name_itself(self) -> None:
        assert errors(f'message A {{\n  {EVENT} = {{aliases: ["A"]}};\n}}') == [
            'a.proto:5:3: error: [SS302] the event acme.v1.A has the name "A" twice; '
            "remove one of them"
        ]

    def test_an_imported_one_is_taken(self) -> None:
        shared = HEAD.replace("acme", "shared") + f"message A {{ {EVENT} = {{}}; }}"
        text = f'import "b.proto";\nmessage B {{\n  {EVENT} = {{name: "A"}};\n}}'
        assert errors(text, b=shared) == [
            'a.proto:6:3: error: [SS302] the name "A" of the event acme.v1.B is taken by the '
            "event shared.v1.A; give one of them another name",
            "b.proto:4:13: note: it is taken here",
        ]

    def test_two_imports_that_share_one_are_reported_at_the_second(self) -> None:
        message = f"message A {{ {EVENT} = {{}}; }}"
        files = {
            "b.proto": HEAD.replace("acme", "b") + message,
            "c.proto": HEAD.replace("acme", "c")
            + message.replace("message A", "message C").replace("{}", '{name: "A"}'),
            "a.proto": HEAD
            + f'import "b.proto";\nimport "c.proto";\nmessage U {{ {UI_EVENT} = {{}}; }}',
        }
        assert errors_of(files, only=["a.proto"]) == [
            'a.proto:5:1: error: [SS302] the name "A" of the event c.v1.C is taken by the '
            "event b.v1.A; give one of them another name",
            "b.proto:4:13: note: it is taken here",
            "c.proto:4:13: note: the event c.v1.C claims it here",
        ]

    def test_however_many_files_import_both_it_is_reported_at_the_first(self) -> None:
        message = f"message A {{ {EVENT} = {{}}; }}"
        user = f'{HEAD}import "b.proto";\nimport "c.proto";\nmessage %s {{ {UI_EVENT} = {{}}; }}'
        files = {
            "b.proto": HEAD.replace("acme", "b") + message,
            "c.proto": HEAD.replace("acme", "c") + message,
            "d.proto": user % "D",
            "e.proto": user % "E",
            "f.proto": f'{HEAD}import "b.proto";\nimport "c.proto";\nmessage WithoutRole {{}}',
        }
        for only in (["d.proto", "e.proto", "f.proto"], [*files]):
            found = [line for line in errors_of(files, only=only) if "error:" in line]
            assert [line.partition("]")[0] for line in found] == ["d.proto:5:1: error: [SS302"]
        app = process(request_for(files, parameter="app=desk")).response.error
        assert app.count("error:") == 1
        assert errors_of(files, only=["f.proto"]) == []

    @pytest.mark.parametrize("package", ["acme", "other"])
    def test_one_that_is_told_where_it_is_declared_is_not_told_again(self, package: str) -> None:
        head = HEAD.replace("acme", package)
        message = f"message A {{ {EVENT} = {{}}; }}"
        twice = f'{message}\nmessage B {{ {EVENT} = {{name: "A"}}; }}'
        files = {
            "b.proto": head + twice,
            "c.proto": f'{HEAD}import "b.proto";\nmessage C {{ {UI_EVENT} = {{}}; }}',
            "d.proto": f'{HEAD}import "b.proto";\nmessage D {{ {UI_EVENT} = {{}}; }}',
        }
        for only in (["c.proto", "d.proto"], [*files]):
            found = [line for line in errors_of(files, only=only) if "error:" in line]
            assert [line.partition("]")[0] for line in found] == ["b.proto:5:13: error: [SS302"]

    def test_files_of_a_package_share_them(self) -> None:
        files = {
            "b.proto": f'{HEAD}message B {{\n  {EVENT} = {{name: "A"}};\n}}',
            "a.proto": f"{HEAD}message A {{\n  {EVENT} = {{}};\n}}",
        }
        assert errors_of(files) == [
            'b.proto:5:3: error: [SS302] the name "A" of the event acme.v1.B is taken by the '
            "event acme.v1.A; give one of them another name",
            "a.proto:5:3: note: it is taken here",
        ]

    @pytest.mark.parametrize("order", ["abc", "cba", "bca"])
    def test_the_first_of_them_has_it_whatever_the_order_of_the_run(self, order: str) -> None:
        files = {
            f"{name}.proto": f'{HEAD}message {name.upper()} {{ {EVENT} = {{name: "X"}}; }}'
            for name in order
        }
        assert [line for line in errors_of(files) if "note:" in line] == [
            "a.proto:4:13: note: it is taken here",
            "a.proto:4:13: note: it is taken here",
        ]

    def test_applications_that_know_nothing_of_each_other_do_not(self) -> None:
        message = f"message A {{ {EVENT} = {{}}; }}"
        files = {f"{name}.proto": HEAD.replace("acme", name) + message for name in ("one", "two")}
        assert errors_of(files) == []
