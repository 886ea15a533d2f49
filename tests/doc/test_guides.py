"""The pages that explain: their code exists, their links lead somewhere."""

from __future__ import annotations

import re

import pytest

from sessionstream.doc import Entry, entries, sections
from tests.doc.walkthrough import blocks, steps
from tests.excerpts import Excerpt, assert_stands_in_its_file, blocks_of_code, excerpts

_LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}.*$", re.MULTILINE)
PAGES = [entry for entry in entries() if {"diagnostics", "lint"}.isdisjoint(entry.topics)]
EXCERPTS = [(entry.slug, excerpt) for entry in PAGES for excerpt in excerpts(entry.text)]
ADDRESSES = {section.address for entry in entries() for section in sections(entry)} | {
    entry.slug for entry in entries()
}
TUTORIAL = "sessionstream-getting-started"
ORIGINAL = {
    "sessionstream-getting-started",
    "sessionstream-reference",
    "sessionstream-schema-vet-playbook",
    "sessionstream-user-guide",
}


@pytest.mark.parametrize(
    ("slug", "excerpt"), EXCERPTS, ids=[f"{slug}: {each.source}" for slug, each in EXCERPTS]
)
def test_an_excerpt_stands_in_its_file(slug: str, excerpt: Excerpt) -> None:
    assert_stands_in_its_file(excerpt)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
class TestAnyPage:
    def test_every_block_of_code_is_an_excerpt(self, page: Entry) -> None:
        """But of the tutorial, which is followed; see `test_getting_started`."""
        if page.slug != TUTORIAL:
            assert blocks_of_code(page.text) == len(excerpts(page.text))

    def test_every_other_block_is_one_that_is_tried(self, page: Entry) -> None:
        """By `test_playbook_commands`."""
        tried = sum(len(blocks(page.text, language)) for language in ("console", "toml"))
        fences = page.text.count("\n```") // 2
        assert fences == blocks_of_code(page.text) + tried

    def test_links_lead_to_pages_and_sections(self, page: Entry) -> None:
        prose = _INDENTED.sub("", _FENCED.sub("", page.text))
        targets = [found["target"] for found in _LINK.finditer(prose)]
        here = [f"{page.slug}{each}" if each.startswith("#") else each for each in targets]
        assert [each for each in here if each not in ADDRESSES] == []

    def test_no_two_of_its_sections_have_one_anchor(self, page: Entry) -> None:
        anchors = [section.anchor for section in sections(page)]
        assert len(anchors) == len(set(anchors))


def test_the_tutorial_says_what_to_do_with_each_block() -> None:
    [page] = [entry for entry in PAGES if entry.slug == TUTORIAL]
    assert {step.verb for step in steps(page.text)} == {
        "after that line",
        "append",
        "console",
        "do",
        "method",
        "shown",
    }
