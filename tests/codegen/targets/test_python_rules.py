"""What can't be said in Python: each diagnostic with its code, its place and its words."""

from __future__ import annotations

import pytest

from tests.codegen.compiling import HEAD, errors, errors_of

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"


class TestPrefixes:
    @pytest.mark.parametrize("name", ["chat", "two words", "Größe", "Chat_"])
    def test_one_is_a_word_in_camel_case(self, name: str) -> None:
        text = f'option (sessionstream.v1.file).name = "{name}";\nmessage A {{ {EVENT} = {{}}; }}'
        assert errors(text) == [
            f'a.proto:4:1: error: [SS004] "{name}" can\'t begin the name of a class; '
            "set option (sessionstream.v1.file).name to a word "
            "that begins with a capital and has ASCII letters and digits only"
        ]

    def test_a_keyword_may_begin_one(self) -> None:
        assert errors_of({"None.proto": f"{HEAD}message A {{ {EVENT} = {{}}; }}"}) == []

    @pytest.mark.parametrize("stem", ["_", "ünï", "раздел", "caf\u00e9-bar"])
    def test_a_file_whose_name_gives_none_needs_the_option(self, stem: str) -> None:
        """Or gives one without some of its letters."""
        text = HEAD + f"message A {{ {EVENT} = {{}}; }}"
        assert errors_of({f"{stem}.proto": text}) == [
            f'{stem}.proto:1:1: error: [SS004] "{stem}" can\'t begin the name of a class; '
            "set option (sessionstream.v1.file).name to a word "
            "that begins with a capital and has ASCII letters and digits only"
        ]

    def test_with_the_option_it_may_have_any_letters(self) -> None:
        named = 'option (sessionstream.v1.file).name = "Uni";\n'
        assert errors_of({"ünï.proto": f"{HEAD}{named}message A {{ {EVENT} = {{}}; }}"}) == []

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
            ("__debug__", '"__debug__" is a name of Python\'s own'),
            ("DESCRIPTOR", '"DESCRIPTOR" is a name of protobuf\'s own'),
            ("_", '"_" has no letter to begin with'),
            ("_1", '"_1" has no letter to begin with'),
        ],
    )
    def test_one_needs_a_name(self, name: str, why: str) -> None:
        assert errors(f'message {name} {{\n  {EVENT} = {{name: "X"}};\n}}') == [
            f"a.proto:4:9: error: [SS401] acme.v1.{name} can't be named in Python: {why}; "
            "rename the message"
        ]

    def test_one_in_another_hides_nothing_that_messages_have(self) -> None:
        assert errors(f"message Tool {{\n  message Clear {{ {EVENT} = {{}}; }}\n}}") == [
            "a.proto:5:11: error: [SS401] acme.v1.Tool.Clear can't be named in Python: "
            '"Clear" is a name of protobuf\'s own; rename the message'
        ]
        assert errors(f"message Clear {{ {EVENT} = {{}}; }}") == []

    def test_one_without_a_name_hides_no_collision_of_others(self) -> None:
        text = f"""message DESCRIPTOR {{ {EVENT} = {{}}; }}
message FooBar {{ {EVENT} = {{}}; }}
message Foo_Bar {{ {EVENT} = {{}}; }}"""
        assert [line.split("]")[0] for line in errors(text)] == [
            "a.proto:4:9: error: [SS401",
            "a.proto:6:9: error: [SS402",
            "a.proto:5:9: note: acme.v1.FooBar is here",
        ]


class TestCollisions:
    def test_two_messages_do_not_become_one_name(self) -> None:
        text = f"message HTTPOpened {{ {EVENT} = {{}}; }}\nmessage HttpOpened {{ {EVENT} = {{}}; }}"
        assert errors(text) == [
            "a.proto:5:9: error: [SS402] acme.v1.HTTPOpened and acme.v1.HttpOpened would both be "
            "the constant HTTP_OPENED; rename one of them",
            "a.proto:4:9: note: acme.v1.HTTPOpened is here",
        ]

    def test_nor_do_messages_of_two_roles(self) -> None:
        text = f"""\
message A {{
  message GoOn {{ {COMMAND} = {{}}; }}
}}
message Goon {{ {EVENT} = {{}}; }}
message go_on {{ {EVENT} = {{}}; }}
"""
        assert errors(text) == [
            "a.proto:8:9: error: [SS402] acme.v1.A.GoOn and acme.v1.go_on would both be "
            "the constant GO_ON; rename one of them",
            "a.proto:5:11: note: acme.v1.A.GoOn is here",
        ]

    def test_the_later_of_them_is_at_fault_whatever_its_role(self) -> None:
        text = f"message hi {{ {EVENT} = {{}}; }}\nmessage Hi {{ {COMMAND} = {{}}; }}"
        assert errors(text) == [
            "a.proto:5:9: error: [SS402] acme.v1.hi and acme.v1.Hi would both be "
            "the constant HI; rename one of them",
            "a.proto:4:9: note: acme.v1.hi is here",
        ]

    @pytest.mark.parametrize("prefix", ["two words", "Timeline"])
    def test_they_are_told_beside_a_prefix_that_is_none(self, prefix: str) -> None:
        option = f'option (sessionstream.v1.file).name = "{prefix}";'
        text = f"message HTTPOpened {{ {EVENT} = {{}}; }}\nmessage HttpOpened {{ {EVENT} = {{}}; }}"
        assert [line.partition("]")[0] for line in errors(f"{option}\n{text}")] == [
            "a.proto:4:1: error: [SS004",
            "a.proto:6:9: error: [SS402",
            "a.proto:5:9: note: acme.v1.HTTPOpened is here",
        ]

    def test_messages_of_one_simple_name_lie_in_different_messages(self) -> None:
        stop = f'message Stop {{ {EVENT} = {{name: "NAME"}}; }}'
        text = f"message A {{ {stop} }}\nmessage B {{ {stop} }}\n{stop}".replace("NAME", "%s")
        assert errors(text % ("a.stop", "b.stop", "stop")) == []

    def test_an_own_event_and_an_imported_one_may_have_one_simple_name(self) -> None:
        shared = HEAD.replace("acme", "shared") + f"message Opened {{ {EVENT} = {{}}; }}"
        text = f'import "b.proto";\nmessage Opened {{ {EVENT} = {{name: "acme.opened"}}; }}'
        assert errors(text, b=shared) == []

    def test_but_not_one_that_has_the_name_of_the_others_package(self) -> None:
        shared = HEAD.replace("acme", "shared") + f"message Opened {{ {EVENT} = {{}}; }}"
        text = f"""import "b.proto";
message Opened {{ {EVENT} = {{name: "acme.opened"}}; }}
message SharedOpened {{ {EVENT} = {{}}; }}"""
        assert errors(text, b=shared) == [
            "a.proto:4:1: error: [SS402] acme.v1.SharedOpened and shared.v1.Opened would both be "
            "the method APublisher.shared_opened; rename one of them",
            "a.proto:6:9: note: acme.v1.SharedOpened is here",
            "b.proto:4:9: note: shared.v1.Opened is here",
        ]

    def test_those_of_an_imported_file_are_told_there(self) -> None:
        text = f"message HTTPOpened {{ {EVENT} = {{}}; }}\nmessage HttpOpened {{ {EVENT} = {{}}; }}"
        files = {
            "b.proto": HEAD.replace("acme", "shared") + text,
            "a.proto": f'{HEAD}import "b.proto";\nmessage A {{ {UI_EVENT} = {{}}; }}',
        }
        found = [line for line in errors_of(files) if ": error: " in line]
        assert [line.partition("]")[0] for line in found] == ["b.proto:5:9: error: [SS402"]

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

    def test_a_malformed_name_that_gives_no_class_is_told_as_such(self) -> None:
        found = errors(f'message A {{\n  {UI_EVENT} = {{names: ["_"]}};\n}}')
        assert [line.partition("]")[0] for line in found] == ["a.proto:5:3: error: [SS301"]

    def test_nor_does_a_message_without_a_name_of_its_own_collide(self) -> None:
        found = errors(f"message _ {{ {COMMAND} = {{}}; {UI_EVENT} = {{}}; }}")
        codes = [line.partition("[")[2][:5] for line in found if ": error: " in line]
        assert sorted(codes) == ["SS101", "SS301", "SS301", "SS401"]

    def test_each_of_them_is_placed_where_its_name_is_set(self) -> None:
        names = "option (sessionstream.v1.message).ui_event.names"
        text = f'message A {{\n  {names} = "chat.opened";\n  {names} = "ChatOpened";\n}}'
        assert errors(text) == [
            'a.proto:6:3: error: [SS402] the UI event "chat.opened" and the UI event "ChatOpened" '
            "would both be the constant CHAT_OPENED_UI; rename one of them",
            'a.proto:5:3: note: the UI event "chat.opened" is here',
        ]

    @pytest.mark.parametrize(
        ("name", "why", "note"),
        [
            ("a-publisher", "a class", ""),
            ("SOS", "a constant", "7:9: note: SOSUI is a constant for acme.v1.SOSUI"),
            ("NonePayload", "a payload", "8:9: note: NonePayload is a payload for acme.v1.None"),
        ],
    )
    def test_the_class_of_a_ui_event_hides_nothing(self, name: str, why: str, note: str) -> None:
        shown = {"a-publisher": "APublisher", "SOS": "SOSUI"}.get(name, name)
        others = f'message SOSUI {{ {EVENT} = {{}}; }}\nmessage None {{ {EVENT} = {{name: "n"}}; }}'
        text = f'message A {{\n  {UI_EVENT} = {{names: ["{name}"]}};\n}}\n{others}'
        assert errors(text) == [
            f'a.proto:5:3: error: [SS402] the class of the UI event "{name}" would be {shown}, '
            f"which is {why} that the module defines; give the UI event another name",
            *([f"a.proto:{note}"] if note else []),
        ]

    def test_an_event_and_a_ui_event_may_have_one_name(self) -> None:
        text = f"message Opened {{ {EVENT} = {{}}; {UI_EVENT} = {{}}; }}"
        assert errors(text) == []

    def test_two_payloads_do_not_become_one_alias(self) -> None:
        text = f"""\
message None {{
  message aB {{ {EVENT} = {{}}; }}
  message AB {{ {EVENT} = {{}}; }}
}}
"""
        assert errors(text) == [
            "a.proto:6:11: error: [SS402] acme.v1.None.aB and acme.v1.None.AB would both be "
            "the payload NoneABPayload; rename one of them",
            "a.proto:5:11: note: acme.v1.None.aB is here",
        ]

    def test_one_payload_of_two_roles_is_no_collision(self) -> None:
        roles = f'{EVENT} = {{name: "a"}}; {UI_EVENT} = {{names: ["b"]}};'
        assert errors(f"message None {{ {roles} }}") == []

    def test_an_entity_and_a_ui_event_may_have_one_name(self) -> None:
        entity = f"message Room {{ {ENTITY} = {{}}; string id = 1 {KEY}; }}"
        assert errors(f'{entity}\nmessage Change {{ {UI_EVENT} = {{names: ["Room"]}}; }}') == []
