"""Checks one file: all rules, less what its comments suppress."""

from __future__ import annotations

from sessionstream.lint.facts import Facts
from sessionstream.lint.findings import Finding
from sessionstream.lint.rules.table import RULES
from sessionstream.lint.source import Source
from sessionstream.lint.suppressions import suppressed


def check(source: Source, facts: Facts, text: bytes) -> list[Finding]:
    """Returns the findings of a file, sorted by place."""
    return suppressed((finding for rule in RULES for finding in rule(source, facts)), text)
