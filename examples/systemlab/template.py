"""The lab's HTML: one frame around a chapter and an exercise."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from sessionstream.doc import anchor_of
from systemlab.exercise import NOTHING, Page
from systemlab.pages import PAGES

_HERE = Path(__file__).parent
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def render(page: Page) -> str:
    """Returns the page as HTML. Its module fills the element ``exercise``."""
    faults = {NOTHING: "Nothing is broken.", **page.faults} if page.faults else {}
    return _frame("frame.html").substitute(
        title=escape(page.title),
        slug=escape(page.slug),
        links=links(page.slug),
        number=page.number,
        chapter=markdown((_HERE / "chapters" / f"{page.slug}.md").read_text("utf-8")),
        faults=escape(json.dumps(faults)),
    )


def links(current: str) -> str:
    """Returns the links to all pages as items of a list; ``current`` is the slug of this one."""
    items = []
    for page in PAGES:
        path = "/" if page.slug == "overview" else f"/{page.slug}"
        mark = ' aria-current="page"' if page.slug == current else ""
        items.append(f'<li><a href="{path}"{mark}>{page.number} {escape(page.title)}</a></li>')
    return "".join(items)


def markdown(text: str) -> str:
    """Returns Markdown as HTML; HTML in it stays text."""
    return str(_MARKDOWN.render(text))


def with_anchors(text: str) -> str:
    """Returns a page of the documentation as HTML whose headings can be linked to."""
    tokens = _MARKDOWN.parse(text)
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor_of(content.content))
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def render_docs(title: str, body: str) -> str:
    """Returns a page of the documentation; ``body`` is HTML."""
    return _frame("docs.html").substitute(title=escape(title), links=links("docs"), body=body)


@cache
def _frame(name: str) -> Template:
    return Template((_HERE / "static" / name).read_text("utf-8"))
