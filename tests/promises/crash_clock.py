"""Runs a module by a clock that jumps.

Usage: crash_clock.py SEED MODULE ARGUMENT…
"""

from __future__ import annotations

import random
import runpy
import sys
import time
from collections.abc import Callable

YEAR = 365.25 * 24 * 3600


def jumping(now: Callable[[], float], seed: int) -> Callable[[], float]:
    """Returns a clock that is set anew every few readings, up to 30 years from the real time."""
    dice = random.Random(seed)
    offset = 0.0

    def jumped() -> float:
        nonlocal offset
        if dice.random() < 0.3:
            offset = dice.uniform(-30, 30) * YEAR
        return now() + offset

    return jumped


if __name__ == "__main__":
    seed, module = sys.argv[1:3]
    del sys.argv[1:3]
    # Before the runtime is imported, which takes the clock as it finds it.
    time.time = jumping(time.time, int(seed))
    runpy.run_module(module, run_name="__main__")
