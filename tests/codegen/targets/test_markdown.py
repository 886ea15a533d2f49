"""The catalogue: what its page says of a run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from hypothesis import HealthCheck, given, settings
from sessionstream_codegen.generate import generate

from tests.codegen.app_trees import ROOT
from tests.codegen.compiling import HEAD, request_for
from tests.codegen.schemas.random_requests import requests

ROLE = "option (sessionstream.v1.message)"
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
FENCED = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)


def page(files: Mapping[str, str], order: Sequence[str] = (), parameter: str = "") -> str:
    """The page of these files."""
    request = request_for(files, parameter=f"target=markdown,version=false{parameter}")
    request.file_to_generate[:] = order or list(files)
    response = generate(request)
    assert not response.error
    return response.file[0].content


def section(text: str, title: str) -> str:
    """What stands below a heading, up to the next."""
    _, _, below = text.partition(f"\n### {title}\n\n")
    assert below, f"no section {title!r}"
    return re.split(r"^#", below, maxsplit=1, flags=re.MULTILINE)[0].strip()


def of(text: str) -> str:
    """The page of ``a.proto``: three lines of head, then this text."""
    return page({"a.proto": HEAD + text})


def anchors(text: str) -> list[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: list[str] = []
    for _, heading in HEADING.findall(FENCED.sub("", text)):
        plain = re.sub(r"\\(.)|`", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        free = (f"{slug}-{count}" if count else slug for count in itertools.count())
        found.append(next(one for one in free if one not in found))
    return found


class TestPage:
    def test_it_is_named_after_the_app(self) -> None:
        files = {"a.proto": f"{HEAD}message A {{ {ROLE}.event = {{}}; }}"}
        request = request_for(files, parameter="target=markdown,app=acme/desk")
        assert generate(request).file[0].name == "acme/desk.md"
        assert "\n# Catalogue of acme/desk\n" in page(files, parameter=",app=acme/desk")

    def test_without_an_app_it_is_named_after_the_package(self) -> None:
        files = {"a.proto": f"{HEAD}message A {{ {ROLE}.event = {{}}; }}"}
        request = request_for(files, parameter="target=markdown")
        assert generate(request).file[0].name == "CATALOGUE.md"
        assert "\n# Catalogue of acme.v1\n" in page(files)

    def test_a_run_without_roles_has_none(self) -> None:
        request = request_for({"a.proto": HEAD}, parameter="target=markdown")
        assert not generate(request).file

    def test_it_has_one_title_and_blank_lines_around_every_block(self) -> None:
        text = (ROOT / "acme" / "desk.md").read_text(encoding="utf-8")
        assert [level for level, _ in HEADING.findall(text)].count("#") == 1
        assert "\n\n\n" not in text
        assert not re.search(r"^[^|\n].*\n\|", text, re.MULTILINE)
        assert not re.search(r"^\|.*\n[^|\n]", text, re.MULTILINE)
        assert not re.search(r"\S\n#", FENCED.sub("", text))

    def test_every_link_leads_to_a_heading(self) -> None:
        text = (ROOT / "acme" / "desk.md").read_text(encoding="utf-8")
        links = re.findall(r"\]\(#([^)]*)\)", text)
        assert len(links) > 20
        assert set(links) <= set(anchors(text))

    def test_headings_of_one_text_have_links_of_their_own(self) -> None:
        """Two applications in one run may share a name; punctuation counts for nothing."""
        text = 'syntax = "proto3"; package %s; import "sessionstream/v1/options.proto"; '
        files = {
            f"{one}.proto": text % one + f'message A {{ {ROLE}.event = {{name: "{name}"}}; }}'
            for one, name in (("a", "Did.it"), ("b", "Did:it"), ("c", "Didit"))
        }
        found = re.findall(r"^- Events: \[`(.*)`\]\(#(.*)\)$", page(files), re.MULTILINE)
        assert found == [
            ("Did.it", "event-didit"),
            ("Did:it", "event-didit-1"),
            ("Didit", "event-didit-2"),
        ]

    def test_the_order_of_the_request_changes_nothing(self) -> None:
        files = {
            path: f'syntax = "proto3"; package {package}; '
            f'import "sessionstream/v1/options.proto"; message A {{ {ROLE}.event = {{}}; }}'
            for path, package in (("x/a.proto", "x"), ("y/a.proto", "y"), ("b.proto", "b"))
        }
        assert len({page(files, order) for order in itertools.permutations(files)}) == 1

    @given(requests())
    @settings(suppress_health_check=[HealthCheck.too_slow])
    def test_any_request_gives_a_page_or_diagnostics(self, request: CodeGeneratorRequest) -> None:
        request.parameter = "target=markdown"
        response = generate(request)
        for file in response.file[:1]:
            assert file.name == "CATALOGUE.md"
            links = re.findall(r"\]\(#([^)]*)\)", file.content)
            assert set(links) <= set(anchors(file.content))


class TestNames:
    def test_a_command_says_its_payload_and_what_it_is_also_known_as(self) -> None:
        text = of(
            "// Starts it.\nmessage Start { "
            f'{ROLE}.command = {{name: "x.start" aliases: ["a", "b"] idempotent: true}}; }}'
        )
        assert section(text, "Command `x.start`") == (
            "Starts it.\n\n"
            "Payload: `acme.v1.Start`. Older names: `a`, `b`. "
            "Idempotent: it may run again after a crash in the middle of it.\n\n"
            "No fields."
        )

    def test_an_event_says_that_it_is_ephemeral(self) -> None:
        text = of(
            f"message Typing {{ {ROLE}.event = {{ephemeral: true}}; {ROLE}.ui_event = {{}}; }}"
        )
        assert "Ephemeral: shown live, never stored." in section(text, "Event `Typing`")
        assert section(text, "UI event `Typing`") == (
            "The event [`Typing`](#event-typing) as it is, unless a projection says otherwise."
        )

    def test_a_payload_of_several_ui_events_is_described_once(self) -> None:
        text = of(f'message Shown {{ {ROLE}.ui_event = {{names: ["A", "B"]}}; int32 n = 1; }}')
        assert "| `n` | `int32` | | |" in section(text, "UI event `A`")
        assert section(text, "UI event `B`") == "With the payload of [`A`](#ui-event-a)."

    def test_an_entity_marks_its_key(self) -> None:
        text = of(
            f'message Note {{ {ROLE}.entity = {{kind: "note"}}; '
            "string id = 1 [(sessionstream.v1.field).key = true]; }"
        )
        assert "| `id` | `string` | key | |" in section(text, "Entity `note`")


class TestFields:
    TEXT = f"""
message Did {{
  {ROLE}.event = {{}};
  // Above | it.
  optional string a = 1;
  repeated Inner b = 2;
  map<string, Inner> c = 3; // Behind it.
  oneof one {{ google.protobuf.Timestamp d = 4; Kind e = 5; }}
  message Inner {{ Inner again = 1; }}
  enum Kind {{
    KIND_UNSPECIFIED = 0;
    // The first.
    KIND_A = 1;
    KIND_B = -2; // The second.
  }}
}}
message Unused {{}}
"""

    @pytest.fixture
    def text(self) -> str:
        time = 'import "google/protobuf/timestamp.proto";'
        return page({"a.proto": f"{HEAD}{time}{self.TEXT}"})

    def test_each_is_a_row_with_its_type_its_label_and_its_comment(self, text: str) -> None:
        inner = "[`Did.Inner`](#message-acmev1didinner)"
        assert section(text, "Event `Did`").split("\n")[-5:] == [
            r"| `a` | `string` | optional | Above \| it. |",
            f"| `b` | {inner} | repeated | |",
            f"| `c` | map of `string` to {inner} | | Behind it. |",
            "| `d` | `google.protobuf.Timestamp` | one of `one` | |",
            "| `e` | [`Did.Kind`](#enum-acmev1didkind) | one of `one` | |",
        ]

    def test_messages_and_enums_that_they_have_are_described(self, text: str) -> None:
        assert "[`Did.Inner`](#message-acmev1didinner)" in section(
            text, "Message `acme.v1.Did.Inner`"
        )
        assert section(text, "Enum `acme.v1.Did.Kind`").split("\n")[-3:] == [
            "| `KIND_UNSPECIFIED` | 0 | |",
            "| `KIND_A` | 1 | The first. |",
            "| `KIND_B` | -2 | The second. |",
        ]

    def test_what_no_payload_has_is_left_out(self, text: str) -> None:
        assert "Unused" not in text
        assert "### Message `google.protobuf.Timestamp`" not in text

    def test_a_payload_that_is_a_field_of_another_is_linked(self) -> None:
        text = of(
            f"message Note {{ {ROLE}.entity = {{}}; "
            "string id = 1 [(sessionstream.v1.field).key = true]; }\n"
            f"message Changed {{ {ROLE}.ui_event = {{}}; Note note = 1; }}"
        )
        assert "| `note` | [`Note`](#entity-note) | | |" in section(text, "UI event `Changed`")
        assert "### Message" not in text


class TestDeprecated:
    TEXT = f"""\
message Open {{
  option deprecated = true;
  {ROLE}.command = {{}};
  string door_id = 1;
}}
message Opened {{
  {ROLE}.event = {{}};
  Kind kind = 1 [deprecated = true];
}}
enum Kind {{
  option deprecated = true;
  KIND_UNSPECIFIED = 0;
  KIND_SLIDING = 1 [deprecated = true]; // It slides.
}}"""

    def test_a_message_is_marked_in_its_section_and_in_the_index(self) -> None:
        text = of(self.TEXT)
        assert section(text, "Command `Open`").startswith("**Deprecated.**\n\nPayload: ")
        assert "- Commands: [`Open`](#command-open) (deprecated)\n" in text
        assert "- Events: [`Opened`](#event-opened)\n" in text

    def test_a_field_is_marked_where_its_label_is(self) -> None:
        assert "| deprecated |" in section(of(self.TEXT), "Event `Opened`")

    def test_an_enum_and_its_values_are_marked(self) -> None:
        found = section(of(self.TEXT), "Enum `acme.v1.Kind`")
        assert found.startswith("**Deprecated.**\n\n")
        assert "| `KIND_SLIDING` | 1 | **Deprecated.** It slides. |" in found
        assert "| `KIND_UNSPECIFIED` | 0 | |" in found

    def test_of_a_file_all_is(self) -> None:
        """mypy-protobuf's stubs, and so type checkers, say the same."""
        text = of(f"option deprecated = true;\nmessage A {{ {ROLE}.event = {{}}; }}")
        assert "\n## a.proto\n\n**Deprecated.**\n" in text
        assert section(text, "Event `A`").startswith("**Deprecated.**")
