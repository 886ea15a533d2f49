"""The moment at which an event was published, inside its payload.

Both processes read the same clock (CLOCK_MONOTONIC), and the stamp is found in
a frame whatever is around it, so no client has to parse frames.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

LENGTH = 20
"""Of a stamp, in ASCII characters."""

MARK = b"@00"
"""What a stamp begins with while the clock is below three years; nothing else in a frame has it."""

_STAMP = re.compile(rb"@(\d{19})")


def stamp() -> str:
    """Returns a stamp of now."""
    return f"@{time.monotonic_ns():019}"


def moments(data: bytes) -> Iterator[int]:
    """Yields the nanoseconds of every stamp that is whole."""
    return map(int, _STAMP.findall(data))


def replaced(frame: bytes, text: str) -> bytes:
    """Returns the frame with another stamp."""
    return _STAMP.sub(text.encode(), frame)
