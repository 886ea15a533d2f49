"""What the linter finds in good and bad code."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessionstream.lint.findings import CODES, Reported
from tests.lint.expectations import CASES, differences

each_case = pytest.mark.parametrize(
    "case", sorted(CASES.glob("*.py")), ids=lambda case: str(case.stem)
)


class TestCases:
    @each_case
    def test_the_linter_finds_exactly_what_the_case_expects(
        self, case: Path, linted: list[Reported]
    ) -> None:
        assert not differences(case, [one for one in linted if one.path == case.name])

    def test_every_code_is_found_in_some_case(self, linted: list[Reported]) -> None:
        assert {one.code for one in linted} == CODES.keys()
