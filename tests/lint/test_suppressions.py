"""Comments that suppress findings."""

from __future__ import annotations

import pytest

from sessionstream.lint.findings import Finding
from sessionstream.lint.suppressions import suppressed

FIRST, LAST = 1, 3


def left(comment: str, *, line: int = FIRST, code: str = "SV101") -> list[str]:
    """The codes that are left of one finding over three lines, with a comment on one of them."""
    lines = ["f(", "    1,", ")", ""]
    lines[line - 1] += f"  {comment}"
    finding = Finding(FIRST, 0, code, "wrong", LAST)
    return [one.code for one in suppressed([finding], "\n".join(lines).encode())]


class TestComments:
    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa: SV101",
            "# noqa:SV101",
            "#noqa: SV101",
            "# NOQA: sv101",
            "# noqa: E501, SV101",
            "# noqa: SV101 because it is old",
            "# type: ignore[arg-type]  # noqa: SV101",
            "# noqa",
            "# noqa because it is old",
        ],
    )
    def test_one_suppresses_the_finding(self, comment: str) -> None:
        assert left(comment) == []

    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa: E501",
            "# noqa: old",
            "# ruff: noqa",
            "# ruff: noqa: SV101",
            "# noqable",
            "# SV101",
        ],
    )
    def test_others_do_not(self, comment: str) -> None:
        assert left(comment) == ["SV101"]

    @pytest.mark.parametrize("line", [1, 2, 3])
    def test_it_may_stand_on_each_line_of_the_code(self, line: int) -> None:
        assert left("# noqa: SV101", line=line) == []

    def test_beyond_the_code_it_suppresses_nothing_and_that_is_told(self) -> None:
        assert left("# noqa: SV101", line=4) == ["SV101", "SV001"]

    def test_one_for_another_code_is_told_beside_the_finding(self) -> None:
        assert left("# noqa: SV102") == ["SV101", "SV001"]

    def test_each_unused_code_is_told_and_those_of_others_are_not(self) -> None:
        text = b"x = 1  # noqa: SV101, E501, SV102, SV999\n"
        assert [one.message for one in suppressed([], text)] == [
            "noqa: SV101 suppresses nothing: nothing here has it; remove it",
            "noqa: SV102 suppresses nothing: nothing here has it; remove it",
            "noqa: SV999 suppresses nothing: no rule has this code; remove it",
        ]

    def test_text_in_a_string_is_no_comment(self) -> None:
        assert suppressed([], b'x = "# noqa: SV101"\n') == []
