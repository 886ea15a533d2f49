"""One page of the documentation, and how it is written.

A page is Markdown below a header:

    ---
    title: A name that is taken
    topics: diagnostics, names
    ---
    The text, without a heading of its own: the title is one.

Every line of the header is there, in any order, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_FENCE = "---"
_KEYS = ("title", "topics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page. ``slug`` is what it is asked for by; ``text`` is Markdown."""

    slug: str
    title: str
    topics: tuple[str, ...]
    text: str


def readable(markdown: str) -> str:
    """Returns Markdown without its comments, which are for the tests of the pages."""
    return _COMMENT.sub("", markdown)


def parse(slug: str, page: str) -> Entry:
    """Returns the entry that a page holds.

    Raises:
        ValueError: The header is not as it should be; the text names the page.
    """
    opening, *lines = page.splitlines() or [""]
    if opening != _FENCE or _FENCE not in lines:
        raise ValueError(f"{slug} has no header between two lines of {_FENCE}")
    end = lines.index(_FENCE)
    pairs = [line.partition(": ")[::2] for line in lines[:end]]
    header = dict(pairs)
    if sorted(name for name, _ in pairs) != sorted(_KEYS) or not all(header.values()):
        raise ValueError(f"{slug} needs each of {', '.join(_KEYS)} once in its header")
    return Entry(
        slug=slug,
        title=header["title"],
        topics=tuple(topic.strip() for topic in header["topics"].split(",")),
        text="\n".join(lines[end + 1 :]).strip("\n") + "\n",
    )
