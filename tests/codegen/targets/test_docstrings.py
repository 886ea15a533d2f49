"""Comments become docstrings, whatever they hold."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.targets.python import docstrings
from sessionstream_codegen.targets.python.layout import LINE_LENGTH

# What `source` leaves of a comment: no control characters but line breaks.
LINES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))
COMMENTS = st.lists(LINES).map("\n".join)


def value(literal: str) -> str:
    """What the literal is to Python."""
    found = ast.literal_eval(literal.strip())
    assert isinstance(found, str)
    return found


class TestDocstring:
    @given(COMMENTS, st.sampled_from([0, 4, 8]))
    def test_it_is_one_literal(self, comment: str, indent: int) -> None:
        value(docstrings.docstring(comment, "Does it.", indent, notes=["Ours."]))

    @given(COMMENTS)
    def test_its_first_line_is_a_sentence_with_a_blank_line_below(self, comment: str) -> None:
        first, *rest = value(docstrings.docstring(comment, "Does it.", 4)).split("\n")
        assert first.strip() == first != ""
        assert first[-1] in ".!?"
        assert not rest or rest[0] == ""

    @given(COMMENTS)
    def test_no_word_is_lost(self, comment: str) -> None:
        """But for what would end the docstring, and for the end of the first sentence."""
        text = value(docstrings.docstring(comment, "Does it.", 4)).casefold()
        words = [word.strip(" ,;:-\\").casefold() for word in comment.replace('"""', "'''").split()]
        assert [word for word in words if word not in text] == []

    @given(st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True)))
    def test_prose_fits_the_line(self, words: list[str]) -> None:
        literal = docstrings.docstring(" ".join(words), "Does it.", 8)
        assert all(len(line) <= LINE_LENGTH for line in literal.split("\n"))


class TestSummary:
    @pytest.mark.parametrize(
        ("comment", "summary"),
        [
            ("A sentence.", "A sentence."),
            ("no full stop", "No full stop."),
            ("Really?", "Really?"),
            ("What it may be:\n- this", "What it may be."),
            ("wrapped\nover lines", "Wrapped over lines."),
            ("iPhone stays", "iPhone stays."),
            ("tokens_delta stays", "tokens_delta stays."),
            ("First. Second.", "First. Second."),
            ("First.\n\nSecond.", "First."),
            (f"First. {'word ' * 30}", "First."),
            ("word " * 30, "Default."),
            ("**Opens** it.", "**Opens** it."),
            ("*Opens* a\nroom", "*Opens* a room."),
            ("`Room` is open", "`Room` is open."),
            ("- a list", "Default."),
            ("* a list *", "Default."),
            ("*a list", "Default."),
            ("```\ncode\n```", "Default."),
            ('"quoted"', "Default."),
            ("", "Default."),
        ],
    )
    def test_it_is_the_first_sentence_that_fits(self, comment: str, summary: str) -> None:
        text = value(docstrings.docstring(comment, "Default.", 4))
        assert text.partition("\n")[0] == summary

    @pytest.mark.parametrize(
        ("comment", "summary"),
        [
            ("go() is called.", "Default."),
            ("It calls `go (x)`.", "Default."),
            ("ago() is called.", "ago() is called."),
            ("go on (now).", "Go on (now)."),
        ],
    )
    def test_a_call_of_the_function_itself_is_none(self, comment: str, summary: str) -> None:
        """Linters take it for the signature; it stands below."""
        text = value(docstrings.docstring(comment, "Default.", 4, name="go"))
        assert text.partition("\n")[0] == summary
        assert comment[1:] in text
        assert value(docstrings.brief(comment, "Default.", 4, name="go")) == summary

    def test_brief_leaves_the_rest_out(self) -> None:
        assert value(docstrings.brief("First.\n\nSecond.", "Default.", 4)) == "First."


class TestBlocks:
    def test_prose_is_wrapped_anew_and_lists_stay(self) -> None:
        comment = "Sum.\n\nProse that was\nwrapped:\n- one\n  more of it\n- two\n\n    code = 1"
        assert docstrings.docstring(comment, "", 4) == (
            '    """Sum.\n\n    Prose that was wrapped:\n\n    - one\n      more of it\n    - two\n'
            '\n        code = 1\n    """'
        )

    @pytest.mark.parametrize(
        "below",
        [
            "    a = 1\n    b = 2",
            "    a = 1\n\n    b = 2",
            "  - one\n      nested\n  - two",
            "```\na = 1\n\nb = 2\n```",
            "~~~\na = 1\n~~~",
            f"    {'code(' * 20}",
            f"```\n{'code, ' * 20}code\n```",
        ],
    )
    def test_lines_that_are_no_prose_stay_as_they_are(self, below: str) -> None:
        assert value(docstrings.docstring(f"Sum.\n\n{below}\n\nMore.", "", 0)) == (
            f"Sum.\n\n{below}\n\nMore.\n"
        )

    def test_a_fence_that_is_left_open_takes_no_line(self) -> None:
        assert value(docstrings.docstring("Sum.\n\n```\na\n\nb", "", 0)) == (
            "Sum.\n\n```\na\n\nb\n"
        )

    def test_a_backslash_makes_it_raw(self) -> None:
        assert docstrings.docstring(r"A \d.", "", 0) == r'r"""A \d."""'

    def test_three_quotes_become_others(self) -> None:
        assert docstrings.docstring('A """b""".', "", 0) == "\"\"\"A '''b'''.\"\"\""
