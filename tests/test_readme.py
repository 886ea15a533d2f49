"""The README shows code that exists, and its links lead somewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

# A block that comes from a file says so on the line above it. A line with only
# an ellipsis, after a comment mark, stands for lines that are left out.
_EXCERPT = re.compile(
    r"^<!-- from (?P<source>\S+) -->\n```\w+\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_BLOCK = re.compile(r"^```(?:proto|python|yaml)$", re.MULTILINE)
_ELLIPSIS = re.compile(r"^\s*(?://|#) …\n", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#\s]+)")


@dataclass(frozen=True, slots=True)
class Excerpt:
    source: str
    code: str


def excerpts() -> list[Excerpt]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [Excerpt(found["source"], found["code"]) for found in _EXCERPT.finditer(text)]


class TestExcerpts:
    @pytest.mark.parametrize("excerpt", excerpts(), ids=lambda excerpt: excerpt.source)
    def test_an_excerpt_stands_in_its_file_in_this_order(self, excerpt: Excerpt) -> None:
        rest = (ROOT / excerpt.source).read_text(encoding="utf-8")
        for part in filter(None, _ELLIPSIS.split(excerpt.code)):
            found = part.strip("\n")
            assert f"\n{found}\n" in f"\n{rest}", f"not in {excerpt.source}:\n{found}"
            rest = rest.partition(found)[2]

    def test_every_block_of_code_is_an_excerpt(self) -> None:
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        assert len(_BLOCK.findall(text)) == len(excerpts()) > 0

    @pytest.mark.parametrize("excerpt", excerpts(), ids=lambda excerpt: excerpt.source)
    def test_an_excerpt_fits_on_a_screen(self, excerpt: Excerpt) -> None:
        assert len(excerpt.code.splitlines()) <= 50


class TestLinks:
    @pytest.mark.parametrize("page", PAGES)
    def test_a_link_into_the_repository_leads_to_a_file(self, page: str) -> None:
        text = (ROOT / page).read_text(encoding="utf-8")
        targets = [found["target"] for found in _LINK.finditer(text)]
        assert [target for target in targets if not (ROOT / target).exists()] == []
