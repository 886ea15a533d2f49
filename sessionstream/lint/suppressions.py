"""Comments that suppress findings: ``# noqa: SV303``, as other linters read them.

A comment speaks for the line that it is on, and for a finding whose code ends
there. Without codes it suppresses all; codes of other linters are theirs.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sessionstream.lint.findings import CODES, UNUSED_SUPPRESSION, Finding

_NOQA = re.compile(
    r"# *noqa\b(?: *:(?P<codes> *[A-Z]+[0-9]+(?:[ ,]+[A-Z]+[0-9]+)*))?", re.IGNORECASE
)
_CODE = re.compile(r"[A-Z]+[0-9]+")
_OWN = "SV"


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment and the codes that it names; none: it speaks for all."""

    line: int
    column: int
    codes: tuple[str, ...]


def suppressed(findings: Iterable[Finding], text: bytes) -> list[Finding]:
    """Returns the findings that no comment suppresses, and those about comments, sorted."""
    comments = {comment.line: comment for comment in _comments(text)}
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    for finding in findings:
        said = [
            comments[line]
            for line in range(finding.line, finding.last_line + 1)
            if line in comments and finding.code in (comments[line].codes or CODES)
        ]
        used |= {(comment.line, finding.code) for comment in said}
        if not said:
            kept.append(finding)
    unused = (told for comment in comments.values() for told in _unused(comment, used))
    return sorted((*kept, *unused))


def _comments(text: bytes) -> Iterator[_Comment]:
    if b"noqa" not in text.lower():
        return
    for token in tokenize.tokenize(io.BytesIO(text).readline):
        if token.type == tokenize.COMMENT and (noqa := _NOQA.search(token.string)):
            rest = token.string[noqa.end() :].lstrip()
            if noqa["codes"] or not rest.startswith(":"):
                yield _Comment(*token.start, tuple(_CODE.findall((noqa["codes"] or "").upper())))


def _unused(comment: _Comment, used: set[tuple[int, str]]) -> Iterator[Finding]:
    for code in comment.codes:
        if not code.startswith(_OWN) or (comment.line, code) in used:
            continue
        why = "no rule has this code" if code not in CODES else "nothing here has it"
        yield Finding(
            comment.line,
            comment.column,
            UNUSED_SUPPRESSION,
            f"noqa: {code} suppresses nothing: {why}; remove it",
            comment.line,
        )
