"""The cases of the wire, against every door of the server and in every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.doors import DOORS
from tests.conformance.playing import Case, Play, cases

CASES = [
    pytest.param(case, dialect, id=f"{dialect}: {case.name}")
    for case in cases(Path(__file__).parent / "cases")
    for dialect in case.dialects
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("case", "dialect"), CASES)
async def test_conformance(case: Case, dialect: str, door: str) -> None:
    await Play(case, DOORS[door], dialect).run()
