"""Comments as Markdown: nothing in them becomes what it is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.targets.markdown.text import cell, code, inline, paragraphs, table

LINES = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "))
COMMENTS = st.lists(LINES | st.sampled_from(["", "- a", "1. b", "    c | d", "```", "| e |"]))
# A bar that ends a cell: before it stands an even number of backslashes.
BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")


class TestInline:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("message_id stays", "message_id stays"),
            ("_emphasis_ and *stars*", r"\_emphasis\_ and \*stars\*"),
            ("<b>bold</b> & &amp; a < b", r"\<b>bold\</b> & \&amp; a \< b"),
            ("[a link](https://x)", r"\[a link\](https://x)"),
            ("costs $5 or $6", r"costs \$5 or \$6"),
            ("~~gone~~ a|b", r"\~\~gone\~\~ a\|b"),
            (r"a \ b", r"a \\ b"),
            ("Grüße an 你好", "Grüße an 你好"),
            ("`code <b> *x*` *y*", r"`code <b> *x*` \*y\*"),
            ("``a ` b`` and ` alone", r"``a ` b`` and \` alone"),
        ],
    )
    def test_it_shows_what_is_written(self, text: str, shown: str) -> None:
        assert inline(text) == shown

    @given(LINES.filter(lambda text: "`" not in text))
    def test_without_its_backslashes_it_is_the_text(self, text: str) -> None:
        assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", inline(text)) == text


class TestCode:
    @pytest.mark.parametrize(
        ("text", "shown"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``")]
    )
    def test_the_backticks_around_it_outnumber_those_in_it(self, text: str, shown: str) -> None:
        assert code(text) == shown


class TestParagraphs:
    def test_prose_is_one_line_and_blank_lines_part_it(self) -> None:
        assert paragraphs("One\n  two.\n\nThree.") == ["One", "```text\ntwo.\n```", "Three."]
        assert paragraphs("One\ntwo.\n\nThree.") == ["One two.", "Three."]

    def test_a_list_stays_a_list(self) -> None:
        comment = "Either\n- one, which\n  goes on\n* or another\n\nor:\n\n1) first\n2) second"
        assert paragraphs(comment) == [
            "Either",
            "- one, which goes on\n- or another",
            "or:",
            "1. first\n2. second",
        ]

    def test_what_is_indented_or_fenced_stays_as_it_is(self) -> None:
        comment = "Use:\n\n    a = 1  *\n      b\n\n```proto\nmessage A {}\n```\n| a | b |\n"
        assert paragraphs(comment) == [
            "Use:",
            "```text\na = 1  *\n  b\n```",
            "```text\nmessage A {}\n```",
            "```text\n| a | b |\n```",
        ]

    def test_a_fence_outnumbers_the_backticks_in_it(self) -> None:
        assert paragraphs("    ```\n    a") == ["````text\n```\na\n````"]

    def test_a_fence_that_is_never_closed_holds_the_rest(self) -> None:
        assert paragraphs("```\n# a\n\nb") == ["```text\n# a\n\nb\n```"]

    @pytest.mark.parametrize(
        ("comment", "shown"),
        [
            ("# A title", r"\# A title"),
            ("> A quotation", r"\> A quotation"),
            ("--- a rule", r"\--- a rule"),
            ("=====", r"\====="),
            ("- # a title", r"- \# a title"),
            ("1986. A year", "1986. A year"),
        ],
    )
    def test_nothing_begins_a_block_that_is_none(self, comment: str, shown: str) -> None:
        assert paragraphs(comment) == [shown]

    @given(COMMENTS)
    def test_no_line_of_prose_begins_a_heading(self, lines: list[str]) -> None:
        for block in paragraphs("\n".join(lines)):
            assert block.strip()
            assert block.startswith("```") or not re.match(r"\s*(#|>|=|<|\|)", block)


class TestCell:
    def test_blocks_stand_on_lines_of_their_own(self) -> None:
        comment = "One\ntwo.\n\n    three | four\n\n- five\n1. six"
        assert cell(comment) == r"One two.<br>`three \| four`<br>• five<br>1. six"

    def test_a_bar_in_code_ends_no_cell(self) -> None:
        assert cell(r"`a|b` and `c\|d`") == r"`a\|b` and c\\\|d"

    @given(COMMENTS)
    def test_it_is_one_cell_on_one_line(self, lines: list[str]) -> None:
        row = table(["a", "b"], [[cell("\n".join(lines)), "x"]]).split("\n")[2:]
        assert len(row) == 1
        assert len(BAR.findall(row[0])) == 3

    def test_what_is_empty_takes_no_room(self) -> None:
        assert table(["a", "b"], [["", "x"]]) == "| a | b |\n| --- | --- |\n| | x |"
