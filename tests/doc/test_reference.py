"""The pages that are made from code: from docstrings, and from the parsers of commands."""

from __future__ import annotations

import re

import pytest

from sessionstream.doc import entries, sections
from tests.layers import PUBLIC
from tools import reference


@pytest.fixture(scope="module")
def page() -> str:
    return reference.page()


def test_it_is_current(page: str) -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == page, "run: make gen"


def test_every_public_module_is_in_it() -> None:
    told = {name for name, _ in reference.MODULES}
    internal = {"sessionstream.transport.origins"}
    assert told >= PUBLIC - internal


def test_settings_are_told_with_their_defaults(page: str) -> None:
    assert "| `max_frame_bytes` | `int` | `65536` | A longer frame from the client closes" in page
    assert "| `ui_batches` | `int` | `1000` |" in page


def test_what_a_call_takes_and_raises_is_told(page: str) -> None:
    [entry] = [each for each in entries() if each.slug == "sessionstream-reference"]
    [serve] = [each.text for each in sections(entry) if each.title == "serve"]
    assert "host: str='127.0.0.1', port: int=0" in serve
    assert "- `OSError`: The address can't be listened on." in serve


def test_every_command_is_on_its_page_with_every_option() -> None:
    """How argparse lays it out depends on Python's version; `make check-gen` compares it."""
    told = reference.COMMANDS_PAGE.read_text(encoding="utf-8")
    fresh = reference.commands_page()
    assert set(re.findall(r"--[a-z_]+[a-z]", fresh)) <= set(re.findall(r"--[a-z_]+[a-z]", told))
    assert re.findall("^##+ .*", fresh, re.MULTILINE) == re.findall("^##+ .*", told, re.MULTILINE)
