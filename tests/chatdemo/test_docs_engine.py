"""The engine that answers from the embedded documentation."""

from __future__ import annotations

import re

import pytest
from chatdemo.engine import MAX_SECTION_LENGTH, DocsEngine, EngineError
from chatdemo.passage import find
from chatdemo.plain_text import paragraphs

from sessionstream.doc import entries, sections

CODES = {"diagnostics", "lint"}
_MARKUP = re.compile(r"<!--.*?-->|\]\([^)\s]+\)|^ *```.*?$", re.MULTILINE | re.DOTALL)


async def answered(prompt: str) -> str:
    return "".join([piece async for piece in DocsEngine(pace=0).answer(prompt)])


class TestTheSection:
    @pytest.mark.parametrize(
        ("question", "address"),
        [
            ("What is a projection?", "sessionstream-user-guide#projections"),
            ("What is an ordinal?", "sessionstream-user-guide#sessions-and-ordinals"),
            ("How do I write a store?", "sessionstream-store-playbook"),
            ("What is sessionstream?", "sessionstream-user-guide"),
            ("sessionstream", "sessionstream-user-guide"),
            ("Explain SS103 to me, please", "SS103"),
        ],
    )
    def test_is_the_one_that_fits_the_question(self, question: str, address: str) -> None:
        found = find(question)
        assert found is not None
        assert found.address == address

    @pytest.mark.parametrize(
        "question",
        [
            "hi",
            "Thanks!",
            "tell me a joke about cats",
            "Who is the president of France?",
            "2+2?",
            "\u65e5\u672c\u8a9e",
            "asdfgh",
            "",
        ],
    )
    def test_is_none_where_the_documentation_says_nothing(self, question: str) -> None:
        assert find(question) is None

    def test_is_never_that_of_a_code_which_the_question_does_not_name(self) -> None:
        for question in ("What is an event?", "an event without a projection", "name is gone"):
            found = find(question)
            assert found is None or CODES.isdisjoint(found.entry.topics)


class TestTheAnswer:
    async def test_holds_the_text_and_says_where_it_is_from(self) -> None:
        answer = await answered("What is a projection?")
        section = find("What is a projection?")
        assert section is not None
        assert answer.startswith(next(paragraphs(section.text)))
        assert answer.endswith(
            "From \u201cUser guide: the model, and why it is so\u201d, \u201cProjections\u201d. "
            "All of it: sessionstream help sessionstream-user-guide"
        )

    async def test_to_what_is_not_there_says_so(self) -> None:
        assert (await answered("hi")).startswith("The documentation of sessionstream says nothing")

    async def test_comes_word_by_word(self) -> None:
        pieces = [piece async for piece in DocsEngine(pace=0).answer("hi")]
        assert pieces[:3] == ["The ", "documentation ", "of "]

    async def test_fails_after_its_text_where_it_is_asked_to(self) -> None:
        answer = DocsEngine(pace=0).answer("/fail")
        assert await anext(answer)
        with pytest.raises(EngineError, match="The docs engine was asked to fail, and did"):
            async for _ in answer:
                pass

    async def test_leaves_the_rest_of_a_long_section_to_its_page(self) -> None:
        answer = await answered("Which metrics have which labels in prometheus?")
        assert len(answer) < 2 * MAX_SECTION_LENGTH
        assert "All of it: sessionstream help" in answer


class TestPlainText:
    def test_a_paragraph_is_one_line_without_marks(self) -> None:
        text = (
            "A **bold** word, *so*, 2 * 3 a\n[link](sessionstream-reference), `**code**`.\n\nNext."
        )
        assert list(paragraphs(text)) == ["A bold word, so, 2 * 3 a link, `**code**`.", "Next."]

    def test_code_keeps_its_lines_and_is_indented(self) -> None:
        text = "<!-- from a.py -->\n```python\nif a:\n\n    b = _c_\n```\n\n    make test\n"
        assert list(paragraphs(text)) == ["    if a:\n\n        b = _c_", "    make test"]

    def test_items_and_rows_have_lines_of_their_own(self) -> None:
        text = "- one\n  more\n- two\n\n| a | b |\n|---|---|\n| `c` | |\n"
        assert list(paragraphs(text)) == [
            "\N{BULLET} one more\n\N{BULLET} two",
            "\N{BULLET} a \N{EN DASH} b\n\N{BULLET} `c`",
        ]

    def test_no_section_of_a_page_loses_a_word_or_keeps_a_link(self) -> None:
        for section in (each for entry in entries() for each in sections(entry)):
            shown = " ".join(paragraphs(section.text))
            assert "](sessionstream-" not in shown
            prose = _MARKUP.sub("", section.text)
            assert set(re.findall(r"\w{4,}", prose)) <= set(re.findall(r"\w{4,}", shown))
