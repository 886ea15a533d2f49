"""Every rule of the linter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sessionstream.lint.facts import Facts
from sessionstream.lint.findings import Finding
from sessionstream.lint.rules import (
    blocking,
    cancellation,
    coverage,
    mutation,
    payload_types,
    purity,
)
from sessionstream.lint.source import Source

Rule = Callable[[Source, Facts], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    payload_types.check,
    purity.check,
    coverage.check,
    cancellation.check,
    blocking.check,
    mutation.check,
)
