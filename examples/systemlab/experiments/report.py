"""What an experiment found."""

from __future__ import annotations

from dataclasses import dataclass, field

from systemlab.checking import Check


@dataclass
class Report:
    """``lines`` tell what was done and seen, in order; ``checks`` hold it against the promises."""

    lines: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
