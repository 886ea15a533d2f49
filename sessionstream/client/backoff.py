"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Random waits that may grow with each attempt: clients of one server spread out.

    The n-th wait, counted from 0, is evenly spread between 0 and ``base``
    seconds doubled n times, ``limit`` at most ("full jitter").
    """

    def __init__(
        self, base: float, limit: float, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._base = base
        self._limit = limit
        self._uniform = uniform
        self._attempts = 0

    def reset(self) -> None:
        """Begins with short waits again."""
        self._attempts = 0

    def next(self) -> float:
        """Returns how many seconds to wait."""
        self._attempts += 1
        return self.at(self._attempts - 1)

    def at(self, attempt: int) -> float:
        """Returns the wait of one attempt, without counting it."""
        # 2.0**1024 overflows; long before that the limit counts.
        return self._uniform(0, min(self._limit, self._base * 2.0 ** min(attempt, 64)))

    def within(self, seconds: float) -> float:
        """Returns a moment within so many seconds."""
        return self._uniform(0, seconds)
