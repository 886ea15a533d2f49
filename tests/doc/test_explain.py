"""``sessionstream explain``."""

from __future__ import annotations

import pytest

from sessionstream import cli
from sessionstream.doc import entries


class TestExplain:
    @pytest.mark.parametrize("code", ["SS302", "ss302", "302", "[SS302]"])
    def test_it_prints_the_page_of_a_code(
        self, code: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        [page] = [entry for entry in entries() if entry.slug == "SS302"]
        assert cli.main(["explain", code]) == 0
        assert capsys.readouterr() == (f"# SS302: A name that is taken\n\n{page.text}", "")

    def test_without_a_code_it_lists_all_of_them_with_their_titles(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["explain"]) == 0
        listed = capsys.readouterr().out.splitlines()
        assert "SS302  A name that is taken" in listed
        assert [line.split()[0] for line in listed] == [
            entry.slug for entry in entries() if {"diagnostics", "lint"} & {*entry.topics}
        ]

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("SS3O2", "SS3O2 is not the code of a diagnostic; did you mean SS302 or SS532?"),
            ("SS3", "SS3 is not the code of a diagnostic; did you mean SS301 or SS302?"),
            (
                "SS10",
                "SS10 is not the code of a diagnostic; "
                "did you mean SS101, SS102, SS103, SS104, SS105 or SS106?",
            ),
            ("ss3xx", "ss3xx is not the code of a diagnostic; did you mean SS301 or SS302?"),
            ("SS", "SS is not the code of a diagnostic; sessionstream explain lists all of them"),
            (
                "keys",
                "keys is not the code of a diagnostic; sessionstream explain lists all of them",
            ),
        ],
    )
    def test_an_unknown_code_is_one_line_with_those_that_are_near(
        self, code: str, said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["explain", code]) == 1
        assert capsys.readouterr() == ("", f"sessionstream: {said}\n")
