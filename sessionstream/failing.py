"""What is told of a fan-out that fails, or that is too slow: little, however often it does."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sessionstream.observer import ErrorRecord, ErrorSource, error_record, text_of

logger = logging.getLogger("sessionstream.fanout")

# In so many sessions, at most, is remembered that a fan-out fails; the others are told of anew.
MAX_FAILING_SESSIONS = 1024

Keep = Callable[[ErrorRecord], None]
"""Stores an error record and tells observers of it; does not suspend."""


class DeliveryOverflowError(Exception):
    """Batches of a session were dropped: too many were waiting for the fan-out.

    ``count`` of them since the fan-out had last taken all; the first is told at
    once, the sum when it has taken all again. ``limit`` is how many may wait.
    """

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(count, limit)
        self.count = count
        self.limit = limit

    def __str__(self) -> str:
        waiting = f"{self.limit} batches were waiting for this fan-out"
        if self.count == 1:
            return f"dropped: {waiting}"
        return f"dropped {self.count} batches so far: {waiting}"


class DeliveryFailuresError(Exception):
    """A fan-out failed on ``count`` batches of a session, one after the other.

    The first failure is told at once; this is told when it works again, or at
    the end. ``last`` says what it raised on the last of them.
    """

    def __init__(self, count: int, last: str) -> None:
        super().__init__(count, last)
        self.count = count
        self.last = last

    def __str__(self) -> str:
        return f"failed on {self.count} batches in a row, at last with {self.last}"


@dataclass(slots=True)
class _Failures:
    """Batches of a session in a row on which a fan-out failed."""

    count: int
    # Of the last one.
    ordinal: int
    error: BaseException


class Failing:
    """The sessions on whose last batch one fan-out, of this name, failed."""

    def __init__(self, name: str, keep: Keep) -> None:
        self._name = name
        self._keep = keep
        # Guard: the event loop. Where it failed last comes last.
        self._sessions: OrderedDict[str, _Failures] = OrderedDict()

    def count(self, session_id: str, ordinal: int, error: BaseException) -> None:
        """Takes note of a failure; tells of the first in a row."""
        failures = self._sessions.setdefault(session_id, _Failures(0, ordinal, error))
        self._sessions.move_to_end(session_id)
        failures.count += 1
        failures.ordinal, failures.error = ordinal, error
        if failures.count == 1:
            self.tell(session_id, ordinal, error)
            if len(self._sessions) > MAX_FAILING_SESSIONS:
                self.sum_up(next(iter(self._sessions)))

    def sum_up(self, session_id: str) -> None:
        """Ends a row of failures in a session, if there is one; tells how many there were."""
        failures = self._sessions.pop(session_id, None)
        if failures is not None and failures.count > 1:
            last = f"{type(failures.error).__name__}: {text_of(failures.error)}"
            error = DeliveryFailuresError(failures.count, last)
            self.tell(session_id, failures.ordinal, error)

    def sum_up_all(self) -> None:
        """Ends all of them."""
        for session_id in list(self._sessions):
            self.sum_up(session_id)

    def tell(self, session_id: str, ordinal: int, error: BaseException) -> None:
        """Logs an error and keeps its record."""
        record = error_record(session_id, ErrorSource.FANOUT, self._name, ordinal, error)
        logger.warning(
            "fan-out %s failed: %s: %s",
            self._name,
            record.error_type,
            record.message,
            extra={"session_id": session_id, "ordinal": ordinal},
        )
        self._keep(record)
