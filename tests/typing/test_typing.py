"""What mypy --strict refuses in code that uses a generated module, word for word.

In the cases a comment ``# E: …`` holds an error of the code line above it; it
goes on in comments that are indented further.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.typing.conftest import CASES, Reports


def expected(case: Path) -> dict[int, list[str]]:
    """Returns the errors that a case expects by line."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    code_line = 0
    for number, line in enumerate(case.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text.startswith("# E: "):
            found[code_line].append(" ".join(text.removeprefix("# E: ").split()))
        elif text.startswith("#    ") and found[code_line]:
            found[code_line][-1] += " " + " ".join(text.removeprefix("#").split())
        else:
            code_line = number
    return dict(found)


class TestCases:
    @pytest.mark.parametrize("case", sorted(CASES.glob("*.py")), ids=lambda case: str(case.stem))
    def test_mypy_reports_exactly_what_the_case_expects(self, case: Path, reports: Reports) -> None:
        assert dict(reports.get(case.name, {})) == expected(case)

    def test_only_the_clean_case_expects_nothing(self) -> None:
        assert [case.stem for case in sorted(CASES.glob("*.py")) if not expected(case)] == ["clean"]
