"""Which error records are over, because a projection has come past their events."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sessionstream.hydration.base import Passed
from sessionstream.observer import ErrorRecord, ErrorSource


def passed(
    sources: Sequence[ErrorSource], start: int, end: int, errors: Sequence[ErrorRecord]
) -> list[Passed]:
    """Returns what a projection that came from one cursor to another has left behind.

    Not the events on which it failed on its way, and went on without, or
    which it could not read: ``errors`` has their records.
    """
    if start == end:
        return []
    at = time.time()
    return [
        Passed(source=source, first=first, last=last, at=at)
        for source in sources
        for first, last in _between(start, end, _failed(source, errors))
    ]


def _failed(source: ErrorSource, errors: Sequence[ErrorRecord]) -> list[int]:
    ends = (source, ErrorSource.STORE)  # what can't be read has not been tried
    return sorted({error.ordinal for error in errors if error.source in ends})


def _between(start: int, end: int, left_out: Sequence[int]) -> list[tuple[int, int]]:
    """The ranges of ordinals above ``start``, up to ``end``, without those left out."""
    inside = [ordinal for ordinal in left_out if start < ordinal <= end]
    firsts = [ordinal + 1 for ordinal in (start, *inside)]
    lasts = [ordinal - 1 for ordinal in (*inside, end + 1)]
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if first <= last]
