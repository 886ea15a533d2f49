"""The embedded documentation under ``/docs/``: its contents, a search, its pages."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sessionstream import doc
from systemlab.template import render_docs, with_anchors

_LONGEST_QUESTION: Final = 200
# Pages name each other by their files, as they lie in a folder.
_LINK: Final = re.compile(r'href="(?:[^":#]*/)?([\w-]+)\.md(#[^"]*)?"')


async def contents(request: Request) -> Response:
    """Lists the pages, or what fits the question ``q`` best."""
    question = request.query_params.get("q", "")[:_LONGEST_QUESTION]
    return HTMLResponse(render_docs("Docs", _form(question) + _found(question) + _guides()))


async def entry(request: Request) -> Response:
    """Shows a page.

    Raises:
        HTTPException: There is none of that slug.
    """
    slug = request.path_params["entry"]
    page = next((each for each in doc.entries() if each.slug == slug), None)
    if page is None:
        raise HTTPException(404, "there is no such page; /docs/ lists them")
    text = _LINK.sub(r'href="/docs/\1\2"', with_anchors(doc.readable(page.text)))
    return HTMLResponse(render_docs(page.title, f"<h1>{escape(page.title)}</h1>{text}"))


def _form(question: str) -> str:
    return (
        '<h1>Docs</h1><form class="row" action="/docs/" role="search">'
        '<label class="field"><span>Search the documentation</span>'
        f'<input name="q" type="search" value="{escape(question)}" /></label>'
        "<button>Search</button></form>"
    )


def _found(question: str) -> str:
    if not question:
        return ""
    items = "".join(
        f'<li><a href="/docs/{escape(found.section.address)}">'
        f"{escape(found.section.entry.title)}: {escape(found.section.title)}</a></li>"
        for found in doc.search(question, limit=10)
    )
    return f"<h2>Found</h2><ol>{items}</ol>" if items else "<p>Nothing was found.</p>"


def _guides() -> str:
    groups = {"Guides": "sessionstream-", "Diagnostics": "SS", "Linter": "SV"}
    return "".join(
        f"<h2>{title}</h2><ul>"
        + "".join(
            f'<li><a href="/docs/{escape(each.slug)}">{escape(each.title)}</a></li>'
            for each in doc.entries()
            if each.slug.startswith(prefix)
        )
        + "</ul>"
        for title, prefix in groups.items()
    )
