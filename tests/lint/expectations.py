"""What a case expects: ``# E: SV101 text, SV102`` at the end of a line.

A text is a part of the finding's message; without one only the code counts.
"""

from __future__ import annotations

import re
from pathlib import Path

from sessionstream.lint.findings import Reported

CASES = Path(__file__).parent / "cases"

_TAG = "# E: "
_NEXT = re.compile(r", (?=SV\d{3})")


def differences(case: Path, findings: list[Reported]) -> list[str]:
    """Returns a line for each finding that is not expected, and each that is missing."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in findings:
        found.setdefault(one.line, []).append((one.code, one.message))
    said: list[str] = []
    for number, line in enumerate(case.read_text(encoding="utf-8").splitlines(), start=1):
        _, tag, text = line.partition(_TAG)
        wanted = [one.partition(" ")[::2] for one in _NEXT.split(text)] if tag else []
        there = sorted(found.pop(number, []))
        matches = len(there) == len(wanted) and all(
            code == wanted_code and part in message
            for (code, message), (wanted_code, part) in zip(there, sorted(wanted), strict=True)
        )
        if not matches:
            said.append(f"{case.name}:{number}: wanted {wanted}, found {there}")
    assert not found, f"findings beyond the file: {found}"
    return said
