"""Every code of a diagnostic has a page, and what the page shows is what happens."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import sessionstream_codegen
from google.protobuf.internal import api_implementation

from sessionstream.doc import Entry, entries
from tests.doc.examples import said_of, section

PAGES = [entry for entry in entries() if "diagnostics" in entry.topics]
CODE = re.compile(r"SS\d{3}")

NO_SCHEMA = {"SS005"}
"""No .proto file gives it: the request is at fault."""


def compiled(entry: Entry) -> bool:
    """Whether the example is a schema; SS5xx compare two of them and have tests of their own."""
    return entry.slug not in NO_SCHEMA and not entry.slug.startswith("SS5")


COMPILED = [entry for entry in PAGES if compiled(entry)]


def codes_in_source() -> set[str]:
    return {
        node.value
        for path in Path(str(sessionstream_codegen.__file__)).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


class TestPages:
    def test_every_code_has_one_and_every_page_has_its_code(self) -> None:
        assert {entry.slug for entry in PAGES} == codes_in_source()

    @pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.slug)
    def test_its_title_is_a_phrase(self, entry: Entry) -> None:
        assert entry.title[0].isupper()
        assert not entry.title.endswith(".")

    @pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.slug)
    def test_it_says_what_the_code_means_then_shows_it_then_mends_it(self, entry: Entry) -> None:
        assert re.findall("^## (.*)$", entry.text, re.MULTILINE) == ["Example", "Fix"]
        assert not entry.text.startswith("## ")


class TestExamples:
    @pytest.mark.parametrize("entry", COMPILED, ids=lambda entry: entry.slug)
    def test_each_gives_what_the_page_shows(self, entry: Entry) -> None:
        example = section(entry, "Example")
        encoding = "latin-1" if entry.slug == "SS008" else "utf-8"
        if encoding != "utf-8" and api_implementation.Type() == "python":
            pytest.skip("protobuf in Python reads UTF-8 only")
        said = said_of(example, newer=entry.slug == "SS006", encoding=encoding)
        assert said == example["text"].rstrip("\n")
        assert set(CODE.findall(said)) == {entry.slug}

    @pytest.mark.parametrize("entry", COMPILED, ids=lambda entry: entry.slug)
    def test_nothing_is_said_of_the_fixed_one(self, entry: Entry) -> None:
        fixed = section(entry, "Fix")
        assert any(path.endswith(".proto") for path in fixed)
        assert said_of(fixed) == ""
