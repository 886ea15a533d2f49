"""What mypy --strict and pyright refuse in code that uses a generated module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.typing.conftest import APP, APPLICATIONS, CASES, SCAFFOLDED, Reports
from tests.typing.expectations import MYPY, PYRIGHT, expected

each_case = pytest.mark.parametrize(
    "case", sorted(CASES.glob("*.py")), ids=lambda case: str(case.stem)
)


def told(found: Mapping[int, list[str]]) -> dict[int, list[str]]:
    """Leaves out the lines of which nothing is said."""
    return {line: texts for line, texts in found.items() if texts}


class TestCases:
    @each_case
    def test_mypy_reports_exactly_what_the_case_expects(
        self, case: Path, mypy_reports: Reports
    ) -> None:
        assert dict(mypy_reports.get(case.name, {})) == told(expected(case, MYPY))

    @each_case
    def test_pyright_reports_exactly_what_the_case_expects(
        self, case: Path, pyright_reports: Reports
    ) -> None:
        assert dict(pyright_reports.get(case.name, {})) == told(expected(case, PYRIGHT))

    @each_case
    def test_a_line_says_of_both_checkers_what_they_do(self, case: Path) -> None:
        """What one of them lets pass stands there as ``nothing``, with the reason."""
        assert expected(case, MYPY).keys() == expected(case, PYRIGHT).keys()

    def test_only_the_clean_cases_expect_nothing(self) -> None:
        clean = {case.stem for case in CASES.glob("*.py") if not told(expected(case, MYPY))}
        assert clean == {"clean", "clean_imports", "clean_tests"}


class TestApplications:
    """What a new user reads, copies, or begins with. mypy checks it elsewhere."""

    @pytest.mark.parametrize("name", [*(path.name for path in APPLICATIONS), SCAFFOLDED, APP])
    def test_pyright_is_content(self, name: str, project: Path, pyright_reports: Reports) -> None:
        assert (project / name).is_dir() or (project / f"{name}.py").is_file()
        found = [path for path in pyright_reports if path.startswith((f"{name}/", f"{name}.py"))]
        assert {path: dict(pyright_reports[path]) for path in found} == {}
