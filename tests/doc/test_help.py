"""``sessionstream help``."""

from __future__ import annotations

import json
import re

import pytest

from sessionstream import cli
from sessionstream.doc import entries

_STYLE = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def guide() -> str:
    [page] = [entry for entry in entries() if entry.slug == "sessionstream-user-guide"]
    return page.text


class TestPages:
    @pytest.mark.parametrize("name", ["sessionstream-user-guide", "user-guide", "User-Guide"])
    def test_a_page_is_shown_by_its_slug_or_the_end_of_it(
        self, name: str, capsys: pytest.CaptureFixture[str], guide: str
    ) -> None:
        assert cli.main(["help", name]) == 0
        shown, told = capsys.readouterr()
        assert told == ""
        assert shown.startswith("# User guide: the model, and why it is so\n\nsessionstream is for")
        assert "<!--" in guide
        assert "<!--" not in shown
        assert len(shown) > 0.9 * len(guide)

    def test_a_section_is_shown_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["help", "user-guide#handlers"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("# Handlers\n\nA command's handler decides")
        assert "## Projections" not in shown

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("user-giude", "there is no page user-giude; did you mean user-guide?"),
            ("xyzzy", "there is no page xyzzy; sessionstream help lists all of them"),
            ("SS302#nothing", "SS302 has no section nothing; it has example, fix"),
        ],
    )
    def test_what_is_not_there_is_one_line(
        self, name: str, told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["help", name]) == 1
        assert capsys.readouterr() == ("", f"sessionstream: {told}\n")

    def test_it_is_laid_out_on_a_terminal(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "60")
        assert cli.main(["help", "user-guide#handlers"]) == 0
        lines = _STYLE.sub("", capsys.readouterr().out).splitlines()
        assert max(map(len, lines)) == 60
        assert "```" not in "".join(lines)


class TestLists:
    def test_without_a_page_it_lists_all_but_diagnostics(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["help"]) == 0
        shown = capsys.readouterr().out
        for entry in entries():
            is_code = not {"diagnostics", "lint"}.isdisjoint(entry.topics)
            assert (f"  {entry.slug} " in shown) != is_code

    def test_a_topic_lists_its_pages(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["help", "--topic", "Sessions", "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)
        assert [each["slug"] for each in listed] == [
            entry.slug for entry in entries() if "sessions" in entry.topics
        ]

    def test_an_unknown_topic_names_those_that_there_are(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["help", "--topic", "xyzzy"]) == 1
        told = capsys.readouterr().err
        assert "no page is about xyzzy; topics are " in told
        assert "sqlite" in told

    def test_a_search_names_sections_that_can_be_shown(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["help", "--search", "slow reader"]) == 0
        address = capsys.readouterr().out.split()[0]
        assert cli.main(["help", address]) == 0
        assert "reader" in capsys.readouterr().out

    def test_nothing_found_says_what_to_do(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["help", "--search", "xyzzy"]) == 1
        assert "nothing is said of 'xyzzy'" in capsys.readouterr().err

    def test_a_page_and_a_search_do_not_go_together(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["help", "user-guide", "--search", "x"])
        assert ended.value.code == 2
        assert "not two of them" in capsys.readouterr().err
