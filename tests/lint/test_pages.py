"""Every code of the linter has a page, and what the page shows is what happens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import mypy.api
import pytest

from sessionstream.doc import Entry, entries
from sessionstream.lint.findings import CODES, Reported
from sessionstream.lint.report import as_text
from sessionstream.lint.running import lint
from tests.doc.examples import said_of, section
from tests.lint.conftest import configure, within

PAGES = [entry for entry in entries() if "lint" in entry.topics]
SECTIONS = ("Example", "Fix")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)


def of_the_demo(code: str) -> str:
    """The pages speak of an application's own module; here it is that of the demo."""
    return code.replace("chat.v1", "chatdemo.v1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, mypy_cache: Path) -> Path:
    """A project with each example and each fix as a file."""
    folder = tmp_path_factory.mktemp("pages").resolve()
    configure(folder, mypy_cache)
    for page in PAGES:
        for name in SECTIONS:
            code = section(page, name).get("app.py", "")
            (folder / f"{page.slug}_{name}.py").write_text(of_the_demo(code), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def said(folder: Path) -> Mapping[str, list[Reported]]:
    """What the linter says of each file, in one run."""
    with within(folder):
        findings = lint([Path()]).findings
    return {
        path.stem: [found for found in findings if found.path == path.name]
        for path in folder.glob("*.py")
    }


class TestPages:
    def test_every_code_has_one_with_its_title(self) -> None:
        titles = {page.slug: page.title for page in PAGES}
        assert titles == {code: f"{title[0].upper()}{title[1:]}" for code, title in CODES.items()}

    @each_page
    def test_it_says_what_the_code_means_then_shows_it_then_mends_it(self, page: Entry) -> None:
        assert re.findall("^## (.*)$", page.text, re.MULTILINE) == [*SECTIONS]

    @each_page
    def test_the_example_gives_what_the_page_shows(
        self, page: Entry, said: Mapping[str, list[Reported]]
    ) -> None:
        found = said[f"{page.slug}_Example"]
        assert page.slug in {one.code for one in found}
        lines = as_text(found).splitlines()[:-1]
        shown = section(page, "Example")["text"].splitlines()
        assert [line.replace(f"{page.slug}_Example.py", "app.py") for line in lines] == shown

    @each_page
    def test_the_fix_gives_no_finding(
        self, page: Entry, said: Mapping[str, list[Reported]]
    ) -> None:
        fixed = section(page, "Fix")
        assert not said[f"{page.slug}_Fix"]
        assert not any(path.endswith(".proto") for path in fixed) or said_of(fixed) == ""

    def test_mypy_has_nothing_else_against_the_examples(self, folder: Path) -> None:
        with within(folder):
            out, _, _ = mypy.api.run(["."])
        others = [line for line in out.splitlines() if not re.search(r"\[SV\d{3}\]$", line)]
        assert [line for line in others if not line.startswith("Found ")] == []
