"""Text that is not UTF-8: names are refused with their place, comments are told of."""

from __future__ import annotations

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.internal import api_implementation
from sessionstream_codegen.generate import generate

from tests.codegen.compiling import request_for
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


def answer(data: bytes) -> str:
    """Returns what the plugin writes for a request that is read before our options are known."""
    done = run("protoc-gen-sessionstream", stdin=data)
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
            f'error: [SS005] "\ufffd.proto" is neither a file\'s path nor a parameter; {REMEDY}'
        ]

    def test_it_is_told_where_options_can_not_be_read_either(self) -> None:
        data = request_for({"a.proto": TEXT}).SerializeToString()
        # The event's own length is more than there is.
        data = data.replace(b"Room_m", b"Room_\xff").replace(
            b"\x19\x02\x12\x00", b"\x19\x02\x12\x7f"
        )
        assert f'a.proto:4:9: error: [SS005] "Room_\ufffd" is not UTF-8; {REMEDY}' in answer(data)
