"""The cases of the wire, against every door of the server and in every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.case import Case, cases
from tests.conformance.doors import DOORS
from tests.conformance.playing import Play

CASES = [
    pytest.param(case, dialect, door, id=f"{door}-{dialect}: {case.name}")
    for case in cases("server")
    for dialect in case.dialects
    for door in case.doors
]


@pytest.mark.parametrize(("case", "dialect", "door"), CASES)
async def test_conformance(case: Case, dialect: str, door: str, tmp_path: Path) -> None:
    await Play(case, DOORS[door], dialect, tmp_path).run()
