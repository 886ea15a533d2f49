"""What is left of a comment, however it is set off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessionstream_codegen.generate import generate
from sessionstream_codegen.reading.comments import clean
from sessionstream_codegen.targets.python import docstrings

from tests.codegen.capturing import from_buf, from_protoc
from tests.codegen.compiling import HEAD, generated

TEXT = "Starts it.\n\nThen:\n\n- waits\n  for it"

STYLES = {
    "slashes": "// Starts it.\n//\n// Then:\n//\n// - waits\n//   for it\n",
    "slashes without a space": "//Starts it.\n//\n//Then:\n//\n//- waits\n//  for it\n",
    "three slashes": "/// Starts it.\n///\n/// Then:\n///\n/// - waits\n///   for it\n",
    "slashes and a bang": "//! Starts it.\n//!\n//! Then:\n//!\n//! - waits\n//!   for it\n",
    "Javadoc": "/**\n * Starts it.\n *\n * Then:\n *\n * - waits\n *   for it\n */\n",
    "Javadoc from its first line": "/** Starts it.\n *\n * Then:\n *\n * - waits\n *   for it */\n",
    "Qt": "/*!\n * Starts it.\n *\n * Then:\n *\n * - waits\n *   for it\n */\n",
    "a block": "/* Starts it.\n *\n * Then:\n *\n * - waits\n *   for it\n */\n",
    "a box": "/******\n * Starts it.\n *\n * Then:\n *\n * - waits\n *   for it\n ******/\n",
    "rulers": (
        "////////////\n// Starts it.\n// ----------\n// Then:\n//\n// - waits\n//   for it\n"
        "// =====\n"
    ),
}


EVENT = "option (sessionstream.v1.message).event"


def docstring_of(comment: str) -> str:
    """Returns the docstring of the publisher's method for an event with this comment."""
    message = "message Started { option (sessionstream.v1.message).event = {}; }"
    module = generated({"a.proto": f"{HEAD}{comment}{message}"})["a_sessionstream.py"]
    found = re.search(r'async def started\(.*\n +r?"""((?:.|\n)*?)"""', module)
    assert found
    return re.sub(r"\n {8}", "\n", found[1])


class TestStyles:
    @pytest.mark.parametrize("comment", STYLES.values(), ids=STYLES.keys())
    def test_each_gives_the_same_text(self, comment: str) -> None:
        source = "\n\nSource: ``acme.v1.Started`` in ``a.proto``.\n"
        assert docstring_of(comment) == TEXT + source

    @pytest.mark.parametrize(
        ("comment", "summary"),
        [
            ("/** Starts it. */", "Starts it."),
            ("/* Starts it.\n   For good. */", "Starts it. For good."),
            ("/* starts\n\n   it */", "Starts."),
            ("/// Starts it.\n", "Starts it."),
            ("/***** Starts it. */", "Starts it."),
            ("/*! Starts it. */", "Starts it."),
            ("/** **Starts** it.\n */", "**Starts** it."),
            ("// /path is opened.\n", "/path is opened."),
            ("///path is opened.\n", "/path is opened."),
            ("//!important is a word.\n", "!important is a word."),
        ],
    )
    def test_the_first_sentence_is_the_summary(self, comment: str, summary: str) -> None:
        assert docstring_of(comment).partition("\n")[0] == summary


class TestCompilers:
    """protoc and buf take other spaces from the beginning of a block's lines."""

    @pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\t", "\x0c", "\u2003"])
    @pytest.mark.parametrize(
        "comment",
        [
            "/* Starts it.\n{0}\n{0}{0}Indented.\n*/",
            "/* Starts it.\n{0}* one\n {0} * two\n{0}three{0}*/",
            "/*{0}Starts it.\n *{0}\n *{0}For{0}good.\n */",
            "/// Uses\n///{0}\n/// text\n",
            "//{0}Uses\n//{0}{0}\n//{0}{0}{0}{0}{0}text\n",
        ],
    )
    def test_they_give_the_same_text(self, comment: str, space: str, tmp_path: Path) -> None:
        text = f"{HEAD}{comment.format(space)}\nmessage Started {{ {EVENT} = {{}}; }}"
        files = {"a.proto": text}
        answers = [
            {file.name: file.content for file in generate(request).file}
            for request in (from_protoc(files, tmp_path / "p"), from_buf(files, tmp_path / "b"))
        ]
        assert answers[0] == answers[1]


class TestClean:
    """What the compilers hand over: without slashes, and without the stars of further lines."""

    @pytest.mark.parametrize(
        "comment",
        [
            "* one\n* two",
            "Some:\n* one\n* two",
            "- one\n- two",
            "a\n    code = 1",
            "    code = 1\n\na",
            "a -- b --- c",
            "--",
            "| a | b |\n|---|---|",
            "``---``",
            "/ is the root\nof it",
        ],
    )
    def test_marks_of_markdown_stay(self, comment: str) -> None:
        spaced = "".join(f" {line}".rstrip() + "\n" for line in comment.split("\n"))
        assert clean(spaced) == comment

    def test_a_list_right_behind_the_slashes_stays(self) -> None:
        assert clean("* one\n* two\n") == "* one\n* two"

    def test_a_ruler_in_the_midst_sets_apart(self) -> None:
        assert clean(" a\n ---\n b\n") == "a\n\nb"

    def test_directives_of_tools_are_left_out(self) -> None:
        assert clean(" buf:lint:ignore X\n a\n @ignore-comment b\n") == "a"

    @pytest.mark.parametrize("sign", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200f", "\u202e"])
    def test_what_no_one_sees_is_left_out(self, sign: str) -> None:
        assert clean(f" {sign}a{sign}b\n") == "ab"

    @pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u2003", "\u202f"])
    def test_every_space_is_a_plain_one(self, space: str) -> None:
        assert clean(f" a b\n{space}\n c{space}d\n") == "a b\n\nc d"

    def test_what_shapes_words_and_emoji_stays(self) -> None:
        text = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f680"
        assert clean(text) == text

    @given(st.text(max_size=80))
    def test_again_it_takes_no_letter(self, comment: str) -> None:
        once = clean(comment)
        letters = [sign for sign in once if sign.isalnum()]
        assert [sign for sign in clean(once) if sign.isalnum()] == letters

    @given(st.text(max_size=80))
    def test_whatever_it_leaves_becomes_a_docstring(self, comment: str) -> None:
        compile(docstrings.docstring(clean(comment), "Default.", 0), "docstring", "eval")
