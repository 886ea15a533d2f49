"""Blocks of code in Markdown that show files of the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

# A block that comes from a file says so on the line above it. A line with only
# an ellipsis, after a comment mark, stands for lines that are left out.
_EXCERPT = re.compile(
    r"^<!-- from (?P<source>\S+) -->\n```\w+\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_BLOCK = re.compile(r"^```(?:proto|python|yaml|javascript|typescript)$", re.MULTILINE)
_ELLIPSIS = re.compile(r"^\s*(?://|#) …\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A block, and the path of the file that it shows."""

    source: str
    code: str


def excerpts(text: str) -> list[Excerpt]:
    """Returns the blocks of a page that say where they come from."""
    return [Excerpt(found["source"], found["code"]) for found in _EXCERPT.finditer(text)]


def blocks_of_code(text: str) -> int:
    """Returns how many blocks there are, of the languages of which each has to be an excerpt."""
    return len(_BLOCK.findall(text))


def assert_stands_in_its_file(excerpt: Excerpt) -> None:
    """Fails unless the parts of the block stand in the file, in this order."""
    rest = (ROOT / excerpt.source).read_text(encoding="utf-8")
    for part in filter(None, _ELLIPSIS.split(excerpt.code)):
        found = part.strip("\n")
        assert f"\n{found}\n" in f"\n{rest}", f"not in {excerpt.source}:\n{found}"
        rest = rest.partition(found)[2]
