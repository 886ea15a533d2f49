"""Checks one file: all rules, less what its comments suppress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sessionstream.lint.facts import Facts
from sessionstream.lint.findings import Finding
from sessionstream.lint.rules.table import RULES
from sessionstream.lint.source import Source
from sessionstream.lint.suppressions import suppressed


def check(source: Source, facts: Facts, text: bytes) -> list[Finding]:
    """Returns the findings of a file, sorted by place; columns are characters."""
    findings = suppressed((finding for rule in RULES for finding in rule(source, facts)), text)
    if text.isascii():
        return findings
    lines = text.splitlines()
    return [_in_characters(finding, lines) for finding in findings]


def _in_characters(finding: Finding, lines: Sequence[bytes]) -> Finding:
    """Python counts columns in bytes of UTF-8."""
    before = lines[finding.line - 1][: finding.column]
    return replace(finding, column=len(before.decode(errors="replace")))
