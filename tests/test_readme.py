"""The README shows code that exists, and its links lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.excerpts import ROOT, Excerpt, assert_stands_in_its_file, blocks_of_code, excerpts

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

_LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#\s]+)")
README = (ROOT / "README.md").read_text(encoding="utf-8")


class TestExcerpts:
    @pytest.mark.parametrize("excerpt", excerpts(README), ids=lambda excerpt: excerpt.source)
    def test_an_excerpt_stands_in_its_file_in_this_order(self, excerpt: Excerpt) -> None:
        assert_stands_in_its_file(excerpt)

    def test_every_block_of_code_is_an_excerpt(self) -> None:
        assert blocks_of_code(README) == len(excerpts(README)) > 0

    @pytest.mark.parametrize("excerpt", excerpts(README), ids=lambda excerpt: excerpt.source)
    def test_an_excerpt_fits_on_a_screen(self, excerpt: Excerpt) -> None:
        assert len(excerpt.code.splitlines()) <= 50


class TestLinks:
    @pytest.mark.parametrize("page", PAGES)
    def test_a_link_into_the_repository_leads_to_a_file(self, page: str) -> None:
        text = (ROOT / page).read_text(encoding="utf-8")
        targets = [found["target"] for found in _LINK.finditer(text)]
        assert [target for target in targets if not (ROOT / target).exists()] == []
