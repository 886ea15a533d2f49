"""What can't be said in Python: each diagnostic with its code, its place and its words."""

from __future__ import annotations

import pytest

from tests.codegen.compiling import HEAD, errors, errors_of

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "part", "why"),
        [
            ("acme/import/v1/a.proto", "import", "is a keyword"),
            ("2fa/a.proto", "2fa", "is no Python name"),
            ("with space/a.proto", "with space", "is no Python name"),
        ],
    )
    def test_a_path_must_be_one_of_modules(self, path: str, part: str, why: str) -> None:
        assert errors_of({path: f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == [
            f'{path}:1:1: error: [SS002] {path} can\'t be imported in Python: "{part}" {why}; '
            "rename the file or its folder"
        ]

    def test_so_must_the_path_of_an_imported_file_with_roles(self) -> None:
        shared = HEAD.replace("acme", "shared") + f"message A {{ {EVENT} = {{}}; }}"
        files = {
            "class/b.proto": shared,
            "a.proto": f'{HEAD}import "class/b.proto";\nmessage B {{ {UI_EVENT} = {{}}; }}',
        }
        assert errors_of(files, only=["a.proto"]) == [
            "a.proto:4:1: error: [SS002] class/b.proto can't be imported in Python: "
            '"class" is a keyword; rename the file or its folder'
        ]

    def test_a_file_without_roles_may_lie_anywhere(self) -> None:
        assert errors_of({"2fa/a.proto": f"{HEAD}message A {{}}"}) == []

    def test_dashes_become_underscores(self) -> None:
        assert errors_of({"two-factor/a-b.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == []


class TestPrefixes:
    @pytest.mark.parametrize("name", ["chat", "two words", "Größe", "None", "Chat_"])
    def test_one_is_a_word_in_camel_case(self, name: str) -> None:
        text = f'option (sessionstream.v1.file).name = "{name}";\nmessage A {{ {EVENT} = {{}}; }}'
        assert errors(text) == [
            f'a.proto:4:1: error: [SS004] "{name}" can\'t begin the name of a class; '
            "set option (sessionstream.v1.file).name to a word "
            "that begins with a capital and has letters and digits only"
        ]

    def test_a_file_whose_name_gives_none_needs_the_option(self) -> None:
        text = HEAD + f"message A {{ {EVENT} = {{}}; }}"
        assert errors_of({"_.proto": text}) == [
            '_.proto:1:1: error: [SS004] "" can\'t begin the name of a class; '
            "set option (sessionstream.v1.file).name to a word "
            "that begins with a capital and has letters and digits only"
        ]

    def test_one_does_not_make_classes_of_the_runtime(self) -> None:
        text = HEAD + f"message A {{ {EVENT} = {{}}; }}"
        assert errors_of({"timeline.proto": text}) == [
            'timeline.proto:1:1: error: [SS004] with the prefix "Timeline" the module would define '
            "TimelineEntity, which sessionstream has already; "
            "set option (sessionstream.v1.file).name to another word"
        ]


class TestMessages:
    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("None", '"None" is a keyword'),
            ("__Private", '"__Private" begins with two underscores'),
            ("_", '"_" has no letter to begin with'),
            ("_1", '"_1" has no letter to begin with'),
        ],
    )
    def test_one_needs_a_name(self, name: str, why: str) -> None:
        assert errors(f'message {name} {{\n  {EVENT} = {{name: "X"}};\n}}') == [
            f"a.proto:4:9: error: [SS401] acme.v1.{name} can't be named in Python: {why}; "
            "rename the message"
        ]

    def test_so_does_the_one_around_it(self) -> None:
        assert errors(f"message True {{\n  message A {{ {EVENT} = {{}}; }}\n}}") == [
            "a.proto:5:11: error: [SS401] acme.v1.True.A can't be named in Python: "
            '"True" is a keyword; rename the message'
        ]

    def test_one_without_a_name_hides_no_collision_of_others(self) -> None:
        text = f"""message None {{ {EVENT} = {{}}; }}
message FooBar {{ {EVENT} = {{}}; }}
message Foo_Bar {{ {EVENT} = {{}}; }}"""
        assert [line.split("]")[0] for line in errors(text)] == [
            "a.proto:4:9: error: [SS401",
            "a.proto:6:9: error: [SS402",
        ]


class TestCollisions:
    def test_two_messages_do_not_become_one_name(self) -> None:
        text = f"message HTTPOpened {{ {EVENT} = {{}}; }}\nmessage HttpOpened {{ {EVENT} = {{}}; }}"
        assert errors(text) == [
            "a.proto:5:9: error: [SS402] acme.v1.HTTPOpened and acme.v1.HttpOpened would both be "
            "the constant HTTP_OPENED; rename one of them"
        ]

    def test_nor_do_messages_of_two_roles(self) -> None:
        text = f"""\
message A {{
  message Stop {{ {COMMAND} = {{}}; }}
}}
message Stop {{ {EVENT} = {{}}; }}
"""
        assert errors(text) == [
            "a.proto:7:9: error: [SS402] acme.v1.A.Stop and acme.v1.Stop would both be "
            "the constant STOP; rename one of them"
        ]

    def test_nor_do_an_own_event_and_an_imported_one(self) -> None:
        shared = HEAD.replace("acme", "shared") + f"message Opened {{ {EVENT} = {{}}; }}"
        text = f'import "b.proto";\nmessage Opened {{ {EVENT} = {{name: "acme.opened"}}; }}'
        assert errors(text, b=shared) == [
            "a.proto:4:1: error: [SS402] acme.v1.Opened and shared.v1.Opened would both be "
            "the method APublisher.opened; rename one of them"
        ]

    @pytest.mark.parametrize(
        ("names", "what"),
        [
            (("chat.opened", "ChatOpened"), "the constant CHAT_OPENED_UI"),
            (("Ab2", "Ab_2"), "the class Ab2"),
        ],
    )
    def test_nor_do_two_ui_events(self, names: tuple[str, str], what: str) -> None:
        first, second = names
        text = f'message A {{\n  {UI_EVENT} = {{names: ["{first}", "{second}"]}};\n}}'
        assert errors(text) == [
            f'a.proto:5:3: error: [SS402] the UI event "{first}" and the UI event "{second}" '
            f"would both be {what}; rename one of them"
        ]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("AUI", "a class that the module defines"),
            ("a-publisher", "a class that the module defines"),
            ("Session", "a class that the module imports"),
            ("Exception", "a name of Python's own"),
            ("None", "a keyword"),
        ],
    )
    def test_the_class_of_a_ui_event_hides_nothing(self, name: str, why: str) -> None:
        shown = {"a-publisher": "APublisher"}.get(name, name)
        assert errors(f'message A {{\n  {UI_EVENT} = {{names: ["{name}"]}};\n}}') == [
            f'a.proto:5:3: error: [SS402] the class of the UI event "{name}" would be {shown}, '
            f"which is {why}; give the UI event another name"
        ]

    def test_an_event_and_a_ui_event_may_have_one_name(self) -> None:
        text = f"message Opened {{ {EVENT} = {{}}; {UI_EVENT} = {{}}; }}"
        assert errors(text) == []

    def test_but_no_constant_may_be_the_class_of_a_ui_event(self) -> None:
        text = f"message SOS {{\n  {EVENT} = {{}};\n  {UI_EVENT} = {{}};\n}}"
        assert errors(text) == [
            'a.proto:6:3: error: [SS402] the class of the UI event "SOS" would be SOS, '
            "which is a constant that the module defines; give the UI event another name"
        ]

    def test_an_entity_and_a_ui_event_may_have_one_name(self) -> None:
        entity = f"message Room {{ {ENTITY} = {{}}; string id = 1 {KEY}; }}"
        assert errors(f'{entity}\nmessage Change {{ {UI_EVENT} = {{names: ["Room"]}}; }}') == []
