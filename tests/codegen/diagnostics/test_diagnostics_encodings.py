"""Text that is not UTF-8: names are refused with their place, comments are told of."""

from __future__ import annotations

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.internal import api_implementation
from sessionstream_codegen.generate import generate, process

from tests.codegen.compiling import HEAD, request_for
from tests.codegen.golden_trees import run

REMEDY = "use the request that protoc or buf makes"
TEXT = """\
syntax = "proto2";
package acme_p;
import "sessionstream/v1/options.proto";
message Room_m {
  option (sessionstream.v1.message).event = {};
  optional acme_p.Kind_e field_f = 1;
  oneof either_o { string id = 2; }
  extensions 5 to 9;
}
enum Kind_e { NONE_v = 0; }
extend Room_m { optional string extra_x = 5; }
"""

LATIN_1 = f"""\
{HEAD}import "b.proto";
// A cup of tea,
// an espresso in a caf\u00e9.
message Drunk {{ option (sessionstream.v1.message).event = {{}}; }} // Sant\u00e9.
"""
IMPORTED = f"{HEAD}// Ol\u00e9.\nmessage Plain {{}}"

reads_all = pytest.mark.skipif(
    api_implementation.Type() == "python", reason="protobuf in Python reads UTF-8 only"
)


def said_after(old: bytes, new: bytes) -> list[str]:
    """Returns what is said of the request when this text in it is another."""
    data = request_for({"a.proto": TEXT}).SerializeToString()
    assert old in data
    response = generate(CodeGeneratorRequest.FromString(data.replace(old, new)))
    assert not response.file
    return response.error.splitlines()


def answer(data: bytes, implementation: str = "upb") -> str:
    """Returns what the plugin writes for a request that is read before our options are known."""
    plugin = "protoc-gen-sessionstream"
    done = run(plugin, stdin=data, PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=implementation)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@reads_all
class TestNames:
    """protobuf gives what is not UTF-8 as bytes, wherever it stands."""

    @pytest.mark.parametrize(
        ("name", "places"),
        [
            (
                "acme_p",
                [
                    ("2:1", "acme_\ufffd"),
                    ("6:12", ".acme_\ufffd.Kind_e"),
                    ("11:8", ".acme_\ufffd.Room_m"),
                ],
            ),
            ("Room_m", [("4:9", "Room_\ufffd"), ("11:8", ".acme_p.Room_\ufffd")]),
            ("Kind_e", [("6:12", ".acme_p.Kind_\ufffd"), ("10:6", "Kind_\ufffd")]),
            ("field_f", [("6:26", "field_\ufffd")]),
            ("either_o", [("7:9", "either_\ufffd")]),
            ("NONE_v", [("10:15", "NONE_\ufffd")]),
            ("extra_x", [("11:33", "extra_\ufffd")]),
        ],
    )
    def test_one_is_refused_with_its_place(self, name: str, places: list[tuple[str, str]]) -> None:
        garbled = name[:-1].encode() + b"\xff"
        said = said_after(name.encode(), garbled)
        assert said == [
            f'a.proto:{place}: error: [SS005] "{shown}" is not UTF-8; {REMEDY}'
            for place, shown in places
        ]

    def test_that_of_a_file_has_no_place(self) -> None:
        assert said_after(b"a.proto", b"\xff.proto") == [
            f'error: [SS005] "\ufffd.proto" is no file\'s path; {REMEDY}'
        ]

    def test_it_is_told_where_options_can_not_be_read_either(self) -> None:
        data = request_for({"a.proto": TEXT}).SerializeToString()
        # The event's own length is more than there is.
        data = data.replace(b"Room_m", b"Room_\xff").replace(
            b"\x19\x02\x12\x00", b"\x19\x02\x12\x7f"
        )
        assert f'a.proto:4:9: error: [SS005] "Room_\ufffd" is not UTF-8; {REMEDY}' in answer(data)


def in_latin_1() -> bytes:
    """Returns a request whose comments are not UTF-8."""
    data = request_for({"a.proto": LATIN_1, "b.proto": IMPORTED}, only=["a.proto"])
    return data.SerializeToString().replace("\u00e9".encode(), b"\xe9.")


class TestComments:
    """protoc lets them have any encoding."""

    @reads_all
    def test_the_first_of_a_file_is_told_and_the_rest_generated(self) -> None:
        outcome = process(CodeGeneratorRequest.FromString(in_latin_1()))
        assert outcome.warnings == (
            "a.proto:7:1: warning: [SS008] the comment here is not UTF-8, and is read as "
            '"an espresso in a caf\ufffd.."; save the file as UTF-8'
        )
        [file] = outcome.response.file
        assert "an espresso in a caf\ufffd." in file.content

    def test_where_protobuf_does_not_read_it_that_is_an_error(self) -> None:
        """Which file it is can't be known; the text tells."""
        said = answer(in_latin_1(), "python")
        assert (
            'error: [SS008] a .proto file is not UTF-8: it holds "Ol\ufffd.."; '
            "save the file as UTF-8"
        ) in said
