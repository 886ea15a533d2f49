"""Breaks that are meant: ``--allow CODE:NAME``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sessionstream_codegen.comparing.findings import Finding


class AllowanceError(Exception):
    """A text allows nothing; the message says what it should be."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Findings of one code about one name: each code is about names of one role."""

    code: str
    name: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is meant."""
        return (self.code, self.name) == (finding.code, finding.name)

    def __str__(self) -> str:
        return f"{self.code}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Findings apart: those that count, those that are meant, and allowances of nothing."""

    findings: Sequence[Finding]
    allowed: Sequence[Finding]
    unused: Sequence[Allowance]

    @property
    def errors(self) -> int:
        """How many findings fail in any case."""
        return sum(found.is_error for found in self.findings)

    @property
    def warnings(self) -> int:
        """How many fail with ``--strict``."""
        return len(self.findings) - self.errors

    def fields(self) -> dict[str, object]:
        """Returns what it holds, for tools."""
        return {
            "errors": self.errors,
            "warnings": self.warnings,
            "findings": [found.fields() for found in self.findings],
            "allowed": [found.fields() for found in self.allowed],
        }


def parse_allowance(text: str, codes: Collection[str]) -> Allowance:
    """Returns what ``CODE:NAME`` allows; the name is as the older lock file has it.

    Raises:
        AllowanceError: It is not written so, or there is no such code.
    """
    code, colon, name = text.partition(":")
    if not colon or not name:
        raise AllowanceError(f"write {text!r} as CODE:NAME, such as SS501:ChatOpened")
    if code.upper() not in codes:
        raise AllowanceError(f"{code!r} is none of the codes {', '.join(sorted(codes))}")
    return Allowance(code.upper(), name)


def judge(findings: Iterable[Finding], allowances: Sequence[Allowance]) -> Judged:
    """Takes those findings out that are meant, each list in the order it came in."""
    counted: list[Finding] = []
    allowed: list[Finding] = []
    used: set[Allowance] = set()
    for finding in findings:
        covering = {one for one in allowances if one.covers(finding)}
        used |= covering
        (allowed if covering else counted).append(finding)
    unused = [one for one in dict.fromkeys(allowances) if one not in used]
    return Judged(findings=counted, allowed=allowed, unused=unused)
