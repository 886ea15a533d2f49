"""Where work comes from: by which records of one thing and of what it led to belong together."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Final

_runs: Final = count(1)
# Tasks inherit it from whoever starts them, so it lasts as long as the work that a command began.
_run: Final[ContextVar[int]] = ContextVar("sessionstream_run", default=0)

RecordContext = Callable[[], object]
"""Returns what the exporter of a trace wants to know of a caller, such as its current span.

Called on the event loop, by whoever submits a command or publishes an event: it
must be quick. What it returns is the ``context`` of the records.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who asked for something, and when.

    ``run`` is the number of the command whose handler, or a task of it, asked;
    0 where it was nobody's. ``at`` is by `time.monotonic`.
    """

    run: int
    at: float
    context: object = None


def next_run() -> int:
    """Returns a number for a run of a command; no other run of this process has it."""
    return next(_runs)


def enter(run: int) -> None:
    """Makes what the current task does from now on, and starts, a part of this run."""
    _run.set(run)


def current_run() -> int:
    """Returns the number of the run that the caller is a part of; 0 outside of one."""
    return _run.get()


def wall_clock() -> float:
    """Returns what to add to a time of `time.monotonic` to get seconds since the Unix epoch.

    Add one value to all times of a record: then a clock that is set does not
    make anything end before it began.
    """
    return time.time() - time.monotonic()
