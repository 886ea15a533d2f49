"""Diagnostics stand at the same place whichever compiler runs the plugin."""

from __future__ import annotations

import re
from pathlib import Path

from sessionstream_codegen.generate import process

from tests.codegen.capturing import from_buf, from_protoc

CHAT = """\
syntax = "proto3";
package acme.v1;
import "acme/v1/shared.proto";
import "sessionstream/v1/options.proto";

option (sessionstream.v1.file).name = "no prefix";

message Room {
  // The statement is what both compilers place alike.
  option (sessionstream.v1.message).entity = {kind: "no kind"};
  bool a = 1 [deprecated = true, (sessionstream.v1.field).key = true];
  repeated string b = 2 [(sessionstream.v1.field).key = true];
  map<string, int32> c = 3 [(sessionstream.v1.field).key = true];
  oneof either { string d = 4 [(sessionstream.v1.field).key = true]; }
  optional string e = 5 [(sessionstream.v1.field).key = true];
}

message Both {
  option (sessionstream.v1.message) = {
    command: {name: "1"}
    event: {
      name: "2"
      aliases: ["3", "4"]
    }
  };
  message Inner {
    option (sessionstream.v1.message).event.name = "Shared";
    option (sessionstream.v1.message).event.aliases = "5";
    option (sessionstream.v1.message).event.aliases = "6";
    option (sessionstream.v1.message).event.ephemeral = true;
  }
}
message Plain { string f = 1 [(sessionstream.v1.field).key = true]; }
"""
SHARED = """\
edition = "2023";
package acme.v1;
import "sessionstream/v1/options.proto";
message Shared { option (sessionstream.v1.message).event = {aliases: "Shared"}; }
"""
OLD = """\
package acme.v1;
import "sessionstream/v1/options.proto";
message Old {
  option (sessionstream.v1.message).command = {name: "a b"};
  optional group Group = 1 {
    option (sessionstream.v1.message).command = {name: "c d"};
    optional string g = 1 [(sessionstream.v1.field).key = true];
  }
  extensions 5 to 9;
  extend Old { optional string h = 5 [(sessionstream.v1.field).key = true]; }
}
"""
NEW = """\
// What is above the first statement moves it down.
 edition = "2024";
package acme.v1;
import "sessionstream/v1/options.proto";
message New { option (sessionstream.v1.message).event = {}; }
"""
FILES = {
    "acme/v1/_.proto": OLD,
    "acme/v1/__.proto": NEW,
    "acme/v1/chat.proto": CHAT,
    "acme/v1/shared.proto": SHARED,
}


PLACES = """\
acme/v1/_.proto:1:1: error: [SS004]
acme/v1/_.proto:4:3: error: [SS301]
acme/v1/_.proto:6:5: error: [SS301]
acme/v1/_.proto:7:21: error: [SS204]
acme/v1/_.proto:10:32: error: [SS204]
acme/v1/__.proto:2:2: error: [SS004]
acme/v1/chat.proto:6:1: error: [SS004]
acme/v1/chat.proto:10:3: error: [SS301]
acme/v1/chat.proto:11:8: error: [SS203]
acme/v1/chat.proto:12:19: error: [SS202]
acme/v1/chat.proto:11:8: note: a
acme/v1/chat.proto:13:22: error: [SS202]
acme/v1/chat.proto:11:8: note: a
acme/v1/chat.proto:14:25: error: [SS202]
acme/v1/chat.proto:11:8: note: a
acme/v1/chat.proto:15:19: error: [SS202]
acme/v1/chat.proto:11:8: note: a
acme/v1/chat.proto:19:3: error: [SS101]
acme/v1/chat.proto:19:3: error: [SS301]
acme/v1/chat.proto:19:3: error: [SS301]
acme/v1/chat.proto:19:3: error: [SS301]
acme/v1/chat.proto:19:3: error: [SS301]
acme/v1/chat.proto:27:5: error: [SS302]
acme/v1/shared.proto:4:18: note: it
acme/v1/chat.proto:28:5: error: [SS301]
acme/v1/chat.proto:29:5: error: [SS301]
acme/v1/chat.proto:30:5: error: [SS103]
acme/v1/chat.proto:33:24: error: [SS204]
acme/v1/shared.proto:4:18: error: [SS302]
""".splitlines()
TABS = """\
syntax = "proto3";
package acme.v1;
import "sessionstream/v1/options.proto";
message A {
\toption (sessionstream.v1.message).entity = {};
\tbool a = 1 [(sessionstream.v1.field).key = true];
\t/* \u00fc\u4e16 */ bool b = 2 [(sessionstream.v1.field).key = true];
}
"""


def both(files: dict[str, str], folder: Path) -> tuple[list[str], list[str]]:
    """Returns what is said of the files under protoc, and under buf."""
    under_protoc = process(from_protoc(files, folder / "protoc"))
    under_buf = process(from_buf(files, folder / "buf"))
    assert not under_protoc.warnings
    assert not under_buf.warnings
    return under_protoc.response.error.splitlines(), under_buf.response.error.splitlines()


class TestPlaces:
    def test_they_are_where_the_statement_or_the_name_is(self, tmp_path: Path) -> None:
        under_protoc, under_buf = both(FILES, tmp_path)
        assert [" ".join(line.split(" ", 3)[:3]) for line in under_protoc] == PLACES
        assert under_buf == under_protoc

    def test_behind_tabs_and_foreign_letters_the_lines_are_the_same(self, tmp_path: Path) -> None:
        """Each compiler counts columns in its way; the request does not hold the text."""
        found = both({"a.proto": TABS}, tmp_path)
        without_columns = [[re.sub(r":\d+: ", ": ", line) for line in lines] for lines in found]
        assert [line.split(" ")[0] for line in without_columns[0]] == [
            f"a.proto:{number}:" for number in (6, 7, 6)
        ]
        assert without_columns[0] == without_columns[1]
