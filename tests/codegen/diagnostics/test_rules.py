"""Rules for every language: each diagnostic with its code, its place and its words."""

from __future__ import annotations

import re

import pytest
from sessionstream_codegen.generate import process
from sessionstream_codegen.rules.roles import SHAPELESS

from sessionstream.namespaces import REFUSED_TYPES
from tests.codegen.compiling import HEAD, errors, errors_of, request_for

COMMAND = "option (sessionstream.v1.message).command"
EVENT = "option (sessionstream.v1.message).event"
UI_EVENT = "option (sessionstream.v1.message).ui_event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"


class TestRoles:
    def test_two_roles_are_one_too_many(self) -> None:
        found = errors(f"message A {{\n  {COMMAND} = {{}};\n  {EVENT} = {{}};\n}}")
        assert found == [
            "a.proto:6:3: error: [SS101] acme.v1.A is command and event; a message has one role, "
            "or is event and ui_event at once: split it into a message per role",
            "a.proto:5:3: note: it is command here",
        ]

    def test_event_and_ui_event_take_no_third(self) -> None:
        body = f"  {EVENT} = {{}};\n  {ENTITY} = {{}};\n  {UI_EVENT} = {{}};\n  string a = 1 {KEY};"
        assert errors(f"message Ab {{\n{body}\n}}") == [
            "a.proto:7:3: error: [SS101] acme.v1.Ab is event, ui_event and entity; "
            "a message has one role, or is event and ui_event at once: "
            "split it into a message per role",
            "a.proto:5:3: note: it is event here",
            "a.proto:6:3: note: it is entity here",
        ]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("command", "event"), ("command", "ui_event"), ("command", "entity"), ("event", "entity")],
    )
    def test_nothing_is_told_that_the_split_would_mend(self, one: str, other: str) -> None:
        """No name that collides with itself, no key, nothing about what comes of a command."""
        roles = [f"  option (sessionstream.v1.message).{role} = {{}};" for role in (one, other)]
        outcome = process(request_for({"a.proto": HEAD + "\n".join(["message A {", *roles, "}"])}))
        assert outcome.warnings == ""
        assert [line.partition("]")[0] for line in outcome.response.error.splitlines()] == [
            "a.proto:6:3: error: [SS101",
            f"a.proto:5:3: note: it is {one} here",
        ]

    def test_what_it_would_not_mend_is_told(self) -> None:
        text = f"message A {{ {COMMAND} = {{}}; {EVENT} = {{}}; }}\nmessage a {{ {EVENT} = {{}}; }}"
        assert [line.partition("]")[0] for line in errors(text) if ": error: " in line] == [
            "a.proto:4:61: error: [SS101",
            "a.proto:5:9: error: [SS402",
        ]

    def test_event_and_ui_event_go_together(self) -> None:
        assert errors(f"message Ab {{\n  {EVENT} = {{}};\n  {UI_EVENT} = {{}};\n}}") == []

    def test_a_role_may_be_set_with_the_whole_option(self) -> None:
        option = "option (sessionstream.v1.message) = {command: {}, entity: {}}"
        assert errors(f"message A {{\n  string a = 1 {KEY};\n  {option};\n}}") == [
            "a.proto:6:3: error: [SS101] acme.v1.A is command and entity; a message has one role, "
            "or is event and ui_event at once: split it into a message per role"
        ]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("Struct", "it has no shape of its own"),
            ("Timestamp", "it is one of protobuf's own"),
        ],
    )
    def test_a_message_of_protobuf_has_no_role(self, name: str, reason: str) -> None:
        """Only a project's own copy of the file can have been annotated."""
        head = HEAD.replace("acme.v1", "google.protobuf")
        assert errors_of({"a.proto": f"{head}message {name} {{\n  {COMMAND} = {{}};\n}}"}) == [
            f"a.proto:4:9: error: [SS102] google.protobuf.{name} can't have a role: {reason}; "
            "make it a field of a message that has one"
        ]

    def test_the_runtime_refuses_the_same_shapeless_messages(self) -> None:
        assert SHAPELESS == REFUSED_TYPES


class TestKeys:
    def test_an_entity_needs_one(self) -> None:
        assert errors(f"message A {{\n  {ENTITY} = {{}};\n  string id = 1;\n}}") == [
            "a.proto:4:9: error: [SS201] the entity acme.v1.A has no key; "
            "mark the field that holds its id with [(sessionstream.v1.field).key = true]"
        ]

    def test_a_mark_that_says_false_is_none(self) -> None:
        body = f"  {ENTITY} = {{}};\n  string id = 1 {KEY.replace('true', 'false')};"
        assert errors(f"message A {{\n{body}\n}}")[0].startswith("a.proto:4:9: error: [SS201]")

    def test_an_entity_has_one_only(self) -> None:
        body = f"  {ENTITY} = {{}};\n  string a = 1 {KEY};\n  string b = 2 {KEY};"
        assert errors(f"message A {{\n{body}\n}}") == [
            "a.proto:7:10: error: [SS202] the entity acme.v1.A has a as its key already; "
            "remove the mark from b, or from a",
            "a.proto:6:10: note: a is marked here",
        ]

    @pytest.mark.parametrize(
        ("first", "second", "said"),
        [
            ("bool", "bool", ["6:8 SS203", "7:8 SS202 remove the mark from b, or from a"]),
            ("bool", "string", ["6:8 SS203", "7:10 SS202 remove the mark from a"]),
            ("string", "bool", ["7:8 SS202 remove the mark from b"]),
        ],
    )
    def test_of_several_those_that_are_unfit_are_the_ones_to_give_up(
        self, first: str, second: str, said: list[str]
    ) -> None:
        """And a field is told of once."""
        body = f"  {ENTITY} = {{}};\n  {first} a = 1 {KEY};\n  {second} b = 2 {KEY};"
        found = [line for line in errors(f"message A {{\n{body}\n}}") if ": error: " in line]
        shown = re.compile(r"a\.proto:(\S+): error: \[(SS\d+)\] .*?(?: already;( .*)|$)")
        assert [shown.sub(r"\1 \2\3", line) for line in found] == said

    @pytest.mark.parametrize(
        ("field", "column", "reason"),
        [
            ("repeated string id", 19, "it is repeated string"),
            ("map<string, int32> id", 22, "its type is map<string, int32>"),
            ("float id", 9, "its type is float"),
            ("double id", 10, "its type is double"),
            ("bool id", 8, "its type is bool"),
            ("bytes id", 9, "its type is bytes"),
            ("B id", 5, "its type is acme.v1.B"),
            ("E id", 5, "its type is acme.v1.E"),
        ],
    )
    def test_it_must_be_fit_for_an_id(self, field: str, column: int, reason: str) -> None:
        types = "enum E { E_NONE = 0; } message B {}"
        found = errors(f"{types}\nmessage A {{\n  {ENTITY} = {{}};\n  {field} = 1 {KEY};\n}}")
        assert found == [
            f"a.proto:7:{column}: error: [SS203] id can't be the key of acme.v1.A: {reason}; "
            "a key is one string or integer field"
        ]

    def test_it_can_not_be_one_of_several_fields(self) -> None:
        body = f"  {ENTITY} = {{}};\n  oneof either {{\n    string id = 1 {KEY};\n  }}"
        assert errors(f"message A {{\n{body}\n}}") == [
            "a.proto:7:12: error: [SS203] id can't be the key of acme.v1.A: "
            "it is in the oneof either, so it may be missing; move it out of either, or mark "
            "another string or integer field"
        ]

    @pytest.mark.parametrize(
        "type_name",
        ["string", "optional string", "int32", "uint64", "sint32", "fixed64", "sfixed32"],
    )
    def test_strings_and_integers_are_fit(self, type_name: str) -> None:
        assert errors(f"message A {{ {ENTITY} = {{}}; {type_name} id = 1 {KEY}; }}") == []

    @pytest.mark.parametrize("role", ["", f"{EVENT} = {{}};"])
    def test_only_an_entity_and_a_ui_event_have_one(self, role: str) -> None:
        assert errors(f"message A {{\n  {role}\n  string id = 1 {KEY};\n}}") == [
            "a.proto:6:10: error: [SS204] id is marked as key, but acme.v1.A is neither an entity "
            "nor a UI event; remove the mark, or make the message one of them"
        ]

    @pytest.mark.parametrize("fields", ["", f"string who = 1 {KEY};", f"int32 who = 1 {KEY};"])
    def test_a_ui_event_may_have_one(self, fields: str) -> None:
        assert errors(f"message A {{ {UI_EVENT} = {{}}; {fields} }}") == []
        both = f"{EVENT} = {{}}; {UI_EVENT} = {{}};"
        assert errors(f"message A {{ {both} {fields} }}") == []

    def test_that_of_a_ui_event_is_one_and_fit_as_well(self) -> None:
        body = f"  {UI_EVENT} = {{}};\n  string a = 1 {KEY};\n  string b = 2 {KEY};"
        assert errors(f"message A {{\n{body}\n}}")[0] == (
            "a.proto:7:10: error: [SS202] the UI event acme.v1.A has a as its key already; "
            "remove the mark from b, or from a"
        )
        assert errors(f"message A {{\n  {UI_EVENT} = {{}};\n  bytes a = 1 {KEY};\n}}") == [
            "a.proto:6:9: error: [SS203] a can't be the key of acme.v1.A: its type is bytes; "
            "a key is one string or integer field"
        ]

    def test_an_extension_is_no_part_of_an_entity(self) -> None:
        text = f"""\
syntax = "proto2";
import "sessionstream/v1/options.proto";
message A {{ extensions 1 to 9; }}
extend A {{
  optional string id = 1 {KEY};
}}
"""
        assert errors_of({"a.proto": text}) == [
            "a.proto:5:19: error: [SS204] the extension id is marked as key; only a field in the "
            "body of a message can be one: remove the mark"
        ]


class TestExtensions:
    def test_our_number_is_ours(self) -> None:
        text = """\
syntax = "proto3";
package other.v1;
import "google/protobuf/descriptor.proto";
extend google.protobuf.MessageOptions {
  bool mine = 51873;
}
"""
        assert errors_of({"a.proto": text}) == [
            "a.proto:5:8: error: [SS003] the extension other.v1.mine has the number 51873, which "
            "belongs to sessionstream.v1; give it another number"
        ]

    def test_on_other_options_it_is_anybody_s(self) -> None:
        text = """\
syntax = "proto3";
package other.v1;
import "google/protobuf/descriptor.proto";
extend google.protobuf.EnumOptions {
  bool mine = 51873;
}
"""
        assert errors_of({"a.proto": text}) == []


class TestRun:
    def test_every_error_is_reported_in_order_of_its_place(self) -> None:
        text = f"""\
message A {{
  {ENTITY} = {{kind: "no kind"}};
}}
message B {{
  {COMMAND} = {{}};
  {EVENT} = {{ephemeral: true}};
  string b = 1 {KEY};
}}
message A_ {{
  {ENTITY} = {{}};
  bool id = 1 {KEY};
}}
"""
        found = [line.split(" ", 3)[:3] for line in errors(text)]
        assert [(place, code) for place, kind, code in found if kind == "error:"] == [
            ("a.proto:4:9:", "[SS201]"),
            ("a.proto:5:3:", "[SS301]"),
            ("a.proto:9:3:", "[SS101]"),
            ("a.proto:9:3:", "[SS103]"),
            ("a.proto:10:10:", "[SS204]"),
            ("a.proto:12:9:", "[SS402]"),
            ("a.proto:14:8:", "[SS203]"),
        ]

    def test_imported_files_are_not_judged(self) -> None:
        broken = HEAD.replace("acme", "shared") + f"message A {{ {ENTITY} = {{}}; }}"
        files = {"b.proto": broken, "a.proto": HEAD + 'import "b.proto";\n'}
        assert errors_of(files, only=["a.proto"]) == []
