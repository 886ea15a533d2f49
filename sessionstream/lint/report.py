"""How findings are written: for people, for programs, for annotations on GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from sessionstream.lint.findings import Reported


def as_text(findings: Sequence[Reported]) -> str:
    """Returns a line for each finding, and one that counts them."""
    lines = [f"{one.path}:{one.line}:{one.column}: {one.code} {one.message}" for one in findings]
    if not findings:
        return "nothing found\n"
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return "\n".join((*lines, f"{count}; sessionstream explain CODE says more")) + "\n"


def as_json(findings: Sequence[Reported]) -> str:
    """Returns a list of objects."""
    return json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False) + "\n"


def as_github(findings: Sequence[Reported]) -> str:
    """Returns workflow commands of GitHub Actions, which show each finding at its line."""
    return "".join(
        f"::error file={_property(one.path)},line={one.line},col={one.column},"
        f"title={_property(one.code)}::{_data(one.message)}\n"
        for one in findings
    )


FORMATS: dict[str, Callable[[Sequence[Reported]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
