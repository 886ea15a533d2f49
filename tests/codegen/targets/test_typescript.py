"""The TypeScript target: its golden files, what tsc says of them, and what it refuses to users."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import node
from tests.codegen import typescript_trees as trees
from tests.codegen.golden_trees import ROOT

HEAD = """\
syntax = "proto3";
package app.v1;
import "sessionstream/v1/options.proto";
"""

# An application's code over `everything/v1/chat.proto`. What the compiler has to refuse is
# marked, and a mark without an error is an error.
USE = """\
import { SessionStream, type View } from "@sessionstream/browser";
import { ChatClient } from "./everything/v1/chat_sessionstream.js";
import type { ChatEntity, ChatUpdate } from "./everything/v1/chat_sessionstream.js";

type Texts = Readonly<Record<string, string>>;

const view: View<Texts, ChatUpdate> = {
  initial: {},
  reduce(texts, update) {
    if (update.type === "snapshot") return Object.fromEntries(update.entities.map(text));
    return update.events.reduce((before, event) => {
      switch (event.name) {
        case "ChatMessageStarted":
        case "ChatMessageAppended":
          return { ...before, [event.payload.messageId ?? ""]: event.payload.text ?? "" };
        case "ChatMessageRemoved":
          // @ts-expect-error: a removal has no text
          event.payload.text;
          return before;
        case "Typing":
          return before;
        // @ts-expect-error: there is no such name
        case "Misspelled":
          return before;
        default:
          return event satisfies never;
      }
    }, texts);
  },
};

function text(entity: ChatEntity): [string, string] {
  // @ts-expect-error: not every entity has a text
  entity.payload.text;
  const ordinal: bigint = entity.createdOrdinal;
  if (entity.kind === "ChatMessage") return [entity.id, entity.payload.text ?? ""];
  const tokens: string = entity.payload.tokens ?? String(ordinal);
  return [entity.id, tokens];
}

const client = new ChatClient(new SessionStream("/ws"));
const session = client.subscribe("s", view);
const shown: Texts = session.state;
await client.startInference("s", { prompt: shown["a"] ?? "" }).accepted;
client.stopInference("s", {}, { commandId: "once", expectedOrdinal: 7n });
// @ts-expect-error: a prompt is a text
client.startInference("s", { prompt: 1 });
// @ts-expect-error: an ordinal is no number
client.stopInference("s", {}, { expectedOrdinal: 7 });
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typescript")
    trees.build_all(folder)
    return folder


class TestGolden:
    def test_the_plugin_writes_what_is_committed(
        self, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        """`make golden` writes it anew; the diff is reviewed as code."""
        trees.build(tmp_path)
        written = trees.modules(tmp_path)
        if request.config.getoption("--update-golden", default=False):
            for stale in trees.modules(ROOT).keys() - written.keys():
                (ROOT / stale).unlink()
            for path, content in written.items():
                (ROOT / path).write_text(content, encoding="utf-8")
        committed = trees.modules(ROOT)
        assert written.keys() == committed.keys()
        for path in sorted(written):
            assert written[path] == committed[path], f"{path} changed; see `make golden`"


class TestTypes:
    def test_tsc_is_content_with_its_strictest_settings(self, built: Path) -> None:
        included = sorted(trees.modules(built))
        # protoc-gen-es writes enums.
        options = {"skipLibCheck": True, "erasableSyntaxOnly": False}
        assert node.tsc(built, *included, **options) == []

    def test_an_application_is_helped_and_held_to_them(self, built: Path) -> None:
        (built / "use.ts").write_text(USE)
        assert node.tsc(built, "use.ts", skipLibCheck=True, moduleDetection="force") == []


class TestNames:
    def test_a_message_that_is_called_as_anothers_json_type_is_told_apart(
        self, tmp_path: Path
    ) -> None:
        """As protoc-gen-es does: with a dollar sign."""
        command = "option (sessionstream.v1.message).command = {};"
        text = f"{HEAD} message Do {{ {command} string a = 1; }} message DoJson {{ int32 b = 1; }}"
        assert "payload: pb.DoJson$," in trees.build_file(tmp_path, text)
        (tmp_path / "use.ts").write_text(
            'import type { AppClient } from "./app/v1/app_sessionstream.js";\n'
            'export const use = (client: AppClient) => client.do("s", { a: "text" });\n'
        )
        assert node.tsc(tmp_path, "use.ts", skipLibCheck=True) == []

    def test_what_the_client_has_already_gets_an_underscore(self, tmp_path: Path) -> None:
        command = "{ option (sessionstream.v1.message).command = {}; }"
        words = ("Subscribe", "Constructor", "ToString", "Delete", "Outer")
        text = HEAD + "\n".join(f"message {word} {command}" for word in words)
        module = trees.build_file(tmp_path, text)
        for method in ("subscribe_", "constructor_", "toString_", "delete", "outer"):
            assert f"  {method}(\n" in module
        assert node.tsc(tmp_path, "app/**/*.ts", skipLibCheck=True) == []

    def test_messages_of_one_name_are_called_after_where_they_lie(self, tmp_path: Path) -> None:
        stop = 'message Stop { option (sessionstream.v1.message).command = {name: "%s"}; }'
        text = f"{HEAD} {stop % 'a'} message Outer {{ {stop % 'b'} }}"
        module = trees.build_file(tmp_path, text)
        assert "  stop_(" not in module
        assert "  outerStop(\n" in module
        assert "payload: pb.Outer_StopJson," in module


class TestComments:
    def test_nothing_in_a_comment_ends_it_or_becomes_a_tag(self, tmp_path: Path) -> None:
        text = (
            f"{HEAD}// Ends */ here.\n// @deprecated is a word here, {{@link}} too; a@b.c stays.\n"
            "message Do { option (sessionstream.v1.message).command = {}; }"
        )
        module = trees.build_file(tmp_path, text)
        assert "   * Ends *\\/ here.\n" in module
        assert "   * \\@deprecated is a word here, {\\@link} too; a@b.c stays.\n" in module
        assert node.tsc(tmp_path, "app/**/*.ts", skipLibCheck=True) == []


class TestAFileWithoutAnythingForAClient:
    def test_gives_no_module(self, tmp_path: Path) -> None:
        trees.build(tmp_path)
        modules = trees.modules(tmp_path)
        assert "events_only/v1/audit_sessionstream.ts" not in modules
        assert "no_roles/v1/plain_sessionstream.ts" not in modules
