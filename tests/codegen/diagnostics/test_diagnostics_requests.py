"""Requests that no compiler makes are refused: no traceback, no code from half of a schema."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from sessionstream_codegen.generate import generate, process

from sessionstream.v1 import options_pb2
from tests.codegen.compiling import HEAD, request_for

EVENT = "option (sessionstream.v1.message).event"
ENTITY = "option (sessionstream.v1.message).entity"
KEY = "[(sessionstream.v1.field).key = true]"
REMEDY = "use the request that protoc or buf makes"


def request(
    text: str = f"message A {{\n  {EVENT} = {{}};\n}}\n", **others: str
) -> CodeGeneratorRequest:
    """Returns protoc's request for ``a.proto``: three lines of head, then this text."""
    files = {f"{name}.proto": other for name, other in others.items()}
    return request_for({**files, "a.proto": HEAD + text})


def changed(change: Callable[[CodeGeneratorRequest], object]) -> str:
    """Returns what is said of the request after the change."""
    found = request('import "b.proto";\nmessage A { string id = 1; }', b=HEAD)
    del found.source_file_descriptors[:]
    change(found)
    response = generate(found)
    assert not response.file
    return response.error


class TestFiles:
    def test_one_that_is_asked_for_must_be_there(self) -> None:
        assert changed(lambda found: found.file_to_generate.append("c.proto")) == (
            f"error: [SS005] the request asks for c.proto, but does not hold it; {REMEDY}"
        )

    def test_so_must_one_that_is_imported(self) -> None:
        def forget(found: CodeGeneratorRequest) -> None:
            kept = [file for file in found.proto_file if file.name != "b.proto"]
            del found.proto_file[:]
            found.proto_file.extend(kept)
            found.file_to_generate.remove("b.proto")

        assert changed(forget) == (
            "a.proto:4:1: error: [SS005] the request does not hold b.proto, which is imported; "
            f"{REMEDY}"
        )

    def test_none_is_there_twice(self) -> None:
        assert changed(lambda found: found.proto_file.add(name="a.proto")) == (
            f"a.proto:1:1: error: [SS005] the request holds a.proto 2 times; {REMEDY}"
        )

    def test_one_that_is_asked_for_twice_is_generated_once(self) -> None:
        found = request()
        found.file_to_generate.append("a.proto")
        assert [file.name for file in generate(found).file] == ["a_sessionstream.py"]

    def test_none_imports_itself_through_others(self) -> None:
        def turn_back(found: CodeGeneratorRequest) -> None:
            file = next(file for file in found.proto_file if file.name == "b.proto")
            file.dependency.append("a.proto")
            file.public_dependency.append(len(file.dependency) - 1)

        assert changed(turn_back) == (
            "a.proto:1:1: error: [SS005] files import each other: a.proto imports b.proto "
            f"imports a.proto; {REMEDY}"
        )

    def test_which_circle_is_told_does_not_depend_on_their_order(self) -> None:
        def turn_back(found: CodeGeneratorRequest) -> None:
            for first, second in (("a", "b"), ("c", "d")):
                found.proto_file.add(name=f"{first}.x", dependency=[f"{second}.x"])
                found.proto_file.add(name=f"{second}.x", dependency=[f"{first}.x"])

        def turn_around(found: CodeGeneratorRequest) -> None:
            turn_back(found)
            files = list(found.proto_file)[::-1]
            del found.proto_file[:]
            found.proto_file.extend(files)

        assert changed(turn_around) == changed(turn_back) != ""

    def test_none_makes_an_import_public_that_it_does_not_have(self) -> None:
        assert changed(lambda found: found.proto_file[-1].public_dependency.append(7)) == (
            "a.proto:1:1: error: [SS005] a.proto makes an import public that it does not have; "
            f"{REMEDY}"
        )

    def test_paths_have_one_line(self) -> None:
        assert changed(lambda found: found.file_to_generate.append("c\n.proto")) == (
            f'error: [SS005] "c\\n.proto" is no file\'s path; {REMEDY}'
        )


class TestMessages:
    @pytest.mark.parametrize("name", ["", "A B", "A:\n    pass", "Ä", "a.b"])
    def test_their_names_are_names(self, name: str) -> None:
        def rename(found: CodeGeneratorRequest) -> None:
            found.proto_file[-1].message_type[0].name = name

        said = changed(rename)
        assert said.startswith("a.proto:5:9: error: [SS005] the message ")
        assert said.endswith(f"can't be read: its name is none; {REMEDY}")
        assert len(said.splitlines()) == 1

    def test_so_are_those_of_fields_and_packages(self) -> None:
        def rename(found: CodeGeneratorRequest) -> None:
            found.proto_file[-1].package = "acme..v1"
            found.proto_file[-1].message_type[0].field[0].name = "no name"

        assert changed(rename).splitlines() == [
            f'a.proto:1:1: error: [SS005] "acme..v1" can\'t be a package; {REMEDY}',
            'a.proto:5:9: error: [SS005] the message "A" can\'t be read: "no name" can\'t be a '
            f"field; {REMEDY}",
        ]

    @pytest.mark.parametrize("index", [0, -1, 2**31 - 1])
    def test_the_oneof_of_a_field_is_there(self, index: int) -> None:
        def move(found: CodeGeneratorRequest) -> None:
            found.proto_file[-1].message_type[0].field[0].oneof_index = index

        assert changed(move) == (
            'a.proto:5:9: error: [SS005] the message "A" can\'t be read: the field id is in a '
            f"oneof that is not there; {REMEDY}"
        )

    def test_those_in_one_another_without_end_are_refused(self) -> None:
        def nest(found: CodeGeneratorRequest) -> None:
            message = found.proto_file[-1].message_type[0]
            for depth in range(1000):
                message = message.nested_type.add(name=f"M{depth}")

        said = changed(nest)
        assert said.startswith("error: [SS005] what came in can't be read: it is no request")

    def test_the_entry_of_a_map_has_no_role(self) -> None:
        found = request("message A {\n  map<string, string> names = 1;\n}")
        for file in (found.proto_file[-1], found.source_file_descriptors[0]):
            entry = file.message_type[0].nested_type[0]
            entry.options.Extensions[options_pb2.message].event.SetInParent()
        assert generate(found).error == (
            "a.proto:4:1: error: [SS102] acme.v1.A.NamesEntry can't have a role: it is the entry "
            "of a map; give the role to a message of your own"
        )

    def test_a_field_of_a_type_that_is_named_like_an_entry_is_no_map(self) -> None:
        """Maps are told by the whole name of their entry."""
        other = HEAD.replace("acme", "other") + "message IdEntry {}"
        text = f"""import "b.proto";
message A {{
  {ENTITY} = {{}};
  map<string, string> id = 1;
  other.v1.IdEntry entry = 2 {KEY};
}}"""
        assert generate(request(text, b=other)).error == (
            "a.proto:8:20: error: [SS203] entry can't be the key of acme.v1.A: its type is "
            "other.v1.IdEntry; a key is one string or integer field"
        )


class TestSource:
    def test_without_one_places_are_the_beginning_of_the_file(self) -> None:
        found = request(f"message A {{\n  {ENTITY} = {{}};\n}}")
        for file in (*found.proto_file, *found.source_file_descriptors):
            file.ClearField("source_code_info")
        assert generate(found).error.startswith("a.proto:1:1: error: [SS201]")

    @pytest.mark.parametrize("span", [[], [3], [-1, -5, 2], [2**31 - 1, 0, 1]])
    def test_a_span_without_sense_does_no_harm(self, span: list[int]) -> None:
        found = request(f"message A {{\n  {ENTITY} = {{}};\n}}")
        for file in (*found.proto_file, *found.source_file_descriptors):
            for location in file.source_code_info.location:
                location.span[:] = span
        place, _, said = generate(found).error.partition(": ")
        assert said.startswith("error: [SS201]")
        assert all(int(number) >= 1 for number in place.split(":")[1:])


class TestOptions:
    def test_a_newer_one_is_told_of_and_the_rest_generated(self) -> None:
        found = request()
        for file in (found.proto_file[-1], found.source_file_descriptors[0]):
            options = file.message_type[0].options.Extensions[options_pb2.message]
            options.MergeFromString(b"\x12\x02\x48\x01")  # event, field 9, a varint
            options.MergeFromString(b"\x3a\x00")  # field 7, of no length
        outcome = process(found)
        assert [file.name for file in outcome.response.file] == ["a_sessionstream.py"]
        assert outcome.warnings.splitlines() == [
            f"a.proto:5:3: warning: [SS006] acme.v1.A sets the field {part} of an option of "
            "sessionstream.v1, which this plugin does not know; it was made for a newer plugin: "
            "update sessionstream"
            for part in ("7", "event.9")
        ]

    def test_one_of_another_type_is_no_silence(self) -> None:
        """A number under ours: protobuf sets it aside, and the role would be gone."""
        found = request()
        for file in (found.proto_file[-1], found.source_file_descriptors[0]):
            file.message_type[0].ClearField("options")
            file.message_type[0].options.MergeFromString(b"\x88\xaa\x19\x01")
        assert generate(found).error == (
            "a.proto:5:3: error: [SS003] an option of acme.v1.A has the number 51873, but can't be "
            "read as that of sessionstream.v1; does an extension of another package have that "
            "number?"
        )

    def test_the_extension_of_another_package_is_found_in_every_file(self) -> None:
        other = """\
syntax = "proto3";
package other.v1;
import "google/protobuf/descriptor.proto";
message Holder { extend google.protobuf.FieldOptions { bool mine = 51873; } }
"""
        text = 'syntax = "proto3";\nimport "b.proto";\nmessage A {}'
        found = request_for({"a.proto": text, "b.proto": other}, only=["a.proto"])
        assert generate(found).error == (
            "b.proto:4:61: error: [SS003] the extension other.v1.mine has the number 51873, which "
            "belongs to sessionstream.v1; give it another number"
        )

    def test_what_another_package_sets_under_our_number_is_not_said_to_be_of_a_newer_plugin(
        self,
    ) -> None:
        other = """\
syntax = "proto3";
package other.v1;
import "google/protobuf/descriptor.proto";
message Holder { Holder inner = 9; }
extend google.protobuf.MessageOptions { Holder mine = 51873; }
"""
        used = "message A { option (other.v1.mine).inner = {}; }"
        text = f'syntax = "proto3";\nimport "b.proto";\n{used}'
        outcome = process(request_for({"a.proto": text, "b.proto": other}, only=["a.proto"]))
        assert outcome.response.error.startswith("b.proto:5:48: error: [SS003]")
        assert not outcome.warnings


class TestWhatIsLegal:
    def test_is_no_trouble(self) -> None:
        """Groups, ranges for extensions, and the oneof of an optional field."""
        old = f"""\
syntax = "proto2";
import "sessionstream/v1/options.proto";
message Old {{
  {EVENT} = {{}};
  optional group Part = 1 {{ optional string a = 1; }}
  extensions 5 to 9;
}}
extend Old {{ optional string b = 5; }}
"""
        new = f"message A {{ {ENTITY} = {{}}; optional string id = 1 {KEY}; }}"
        outcome = process(request(new, old=old))
        assert not outcome.response.error
        assert not outcome.warnings
