"""How a page of the documentation is written."""

from __future__ import annotations

import pytest

from sessionstream.doc import Entry
from sessionstream.doc.entry import parse

HEADER = "---\ntitle: A page\ntopics: diagnostics, names\n---\n"


class TestPage:
    def test_its_header_is_read_and_the_rest_is_its_text(self) -> None:
        assert parse("page", f"{HEADER}First: a line.\n\n---\n\nMore.\n\n") == Entry(
            slug="page",
            title="A page",
            topics=("diagnostics", "names"),
            text="First: a line.\n\n---\n\nMore.\n",
        )

    @pytest.mark.parametrize("page", ["", "A page.", "---\ntitle: A page\n", f"\n{HEADER}"])
    def test_one_without_a_header_is_refused(self, page: str) -> None:
        with pytest.raises(ValueError, match=r"^page has no header between two lines of ---$"):
            parse("page", page)

    @pytest.mark.parametrize(
        "header",
        [
            HEADER.replace("title: A page\n", ""),
            HEADER.replace("title: A page", "title: "),
            HEADER.replace("title: A page", "title: A page\ntitle: Another"),
            HEADER.replace("title: A page", "title: A page\nauthor: A person"),
        ],
    )
    def test_every_line_of_the_header_is_there_once(self, header: str) -> None:
        wanted = r"^page needs each of title, topics once in its header$"
        with pytest.raises(ValueError, match=wanted):
            parse("page", header)
