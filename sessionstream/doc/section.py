"""The sections of a page: what a search finds, and what a link points to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream.doc.entry import Entry

_HEADING = re.compile(r"(#{2,3}) (.+)")
_FENCE = re.compile(r"\s*(```+|~~~+)")
_NO_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page, up to the next heading.

    ``title`` is the heading, or the page's title for what stands before the
    first. ``anchor`` is what a link names it by, "" there. ``text`` is Markdown
    without the heading.
    """

    entry: Entry
    title: str
    anchor: str
    text: str

    @property
    def address(self) -> str:
        """What to ask for it by: the page's slug, and the anchor."""
        return f"{self.entry.slug}#{self.anchor}" if self.anchor else self.entry.slug


def sections(entry: Entry) -> tuple[Section, ...]:
    """Returns the sections of a page in its order; headings of both levels begin one."""
    return tuple(
        Section(
            entry=entry,
            title=title or entry.title,
            anchor=anchor_of(title) if title else "",
            text="\n".join(lines).strip("\n") + "\n",
        )
        for title, lines in _split(entry.text)
    )


def anchor_of(title: str) -> str:
    """Returns the anchor of a heading, as GitHub and most Markdown viewers make it."""
    return _NO_ANCHOR.sub("", title.lower()).replace(" ", "-")


def _split(text: str) -> Iterator[tuple[str, list[str]]]:
    title, lines, fence = "", list[str](), ""
    for line in text.splitlines():
        if found := _FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or found[1]
        heading = None if fence else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        if title or any(lines):
            yield title, lines
        title, lines = heading[2], []
    yield title, lines
