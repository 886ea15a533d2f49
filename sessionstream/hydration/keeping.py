"""What a store removes of a session's UI events and command records, and when.

Counting goes on from commit to commit, and what is beyond a limit is removed in
strides of a quarter of it: most commits remove nothing and read nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sessionstream.arguments import check_type
from sessionstream.hydration.base import Retention
from sessionstream.hydration.batch import MAX_ORDINAL

Clock = Callable[[], float]
"""Returns the time in seconds since the Unix epoch. It may jump, and go back."""

BatchSize = tuple[int, float, int]
"""A kept batch: its ordinal, when it was stored, the bytes of its payloads."""

# The payloads of a page of batches have no more bytes than this, unless it is one batch.
PAGE_BYTES = 2**20
# How much more than its limit something may be before it is trimmed.
_SLACK = 1.25
# Idle sessions are looked at with a commit, so many at once, and no more often than this.
SWEEP_SECONDS = 1.0
SWEPT_AT_ONCE = 100
# A sweep that has trimmed so many batches and records goes on with a later commit.
SWEPT_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How much of a session is kept, and since when.

    ``since`` and ``commands_since`` are the times of the oldest batch and
    record, or earlier. ``at`` is the time of the newest: what comes later has
    no earlier time, also where the clock went back. So the order of the times
    is that of the commits.
    """

    batches: int = 0
    bytes: int = 0
    since: float = 0.0
    commands: int = 0
    commands_since: float = 0.0
    at: float = 0.0


NOTHING = Kept()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatches:
    """Which of a commit's batches are kept: those from ``first`` on.

    Where it is above 0, nothing of what was kept before stays either: nothing
    may be missing between two that are kept.
    """

    first: int
    count: int
    bytes: int


class KeptSession(Protocol):
    """What is kept of one session, as a store has it."""

    def oldest_batches(self) -> Iterable[BatchSize]:
        """Returns the batches by ordinal, as far as they are asked for."""

    def drop_batches(self, upto: int) -> None:
        """Removes the batches up to an ordinal."""

    def trim_commands(self, before: float, most: int) -> tuple[int, float]:
        """Removes records stored before a time, and of commands that ended all but ``most``.

        Returns how many of these are left, at least 1 where any record is, and
        the time of the oldest. A command that is running is not forgotten for
        those that end meanwhile: it would be run again.
        """


class Keeper:
    """Applies a `Retention`; both stores ask it."""

    def __init__(self, retention: Retention, clock: Clock) -> None:
        check_type("retention", retention, Retention)
        self._retention = retention
        self.clock = clock
        shown = retention.ui_batches and retention.ui_seconds and retention.ui_bytes
        self._most_bytes = retention.ui_bytes if shown else -1
        self._keeps_commands = bool(retention.commands and retention.command_seconds)

    def select(self, sizes: Sequence[int]) -> NewBatches:
        """Returns which of the batches of these sizes are kept: those after one too large."""
        first = len(sizes)
        while first and sizes[first - 1] <= self._most_bytes:
            first -= 1
        return NewBatches(first=first, count=len(sizes) - first, bytes=sum(sizes[first:]))

    def oldest_shown(self) -> float:
        """Returns the time before which UI events are not read any more."""
        if self._most_bytes < 0:
            return math.inf
        return self.clock() - self._retention.ui_seconds

    def oldest_command(self) -> float:
        """Returns the time before which records of commands are not read any more."""
        return self.clock() - self._retention.command_seconds if self._keeps_commands else math.inf

    def trimmed(self, kept: Kept, session: KeptSession, now: float) -> Kept:
        """Removes what is beyond the limits, where that is much; returns what is left."""
        if kept.batches and self._has_many_batches(kept, now):
            kept = self._trim_batches(kept, session, now)
        if kept.commands and self._has_many_commands(kept, now):
            before = now - self._retention.command_seconds if self._keeps_commands else math.inf
            most = min(self._retention.commands, MAX_ORDINAL)
            count, since = session.trim_commands(before, most)
            kept = replace(kept, commands=count, commands_since=since)
        return kept

    def _has_many_batches(self, kept: Kept, now: float) -> bool:
        limits = self._retention
        return (
            self._most_bytes < 0
            or kept.batches > limits.ui_batches * _SLACK
            or kept.bytes > limits.ui_bytes * _SLACK
            or now - kept.since > limits.ui_seconds * _SLACK
        )

    def _has_many_commands(self, kept: Kept, now: float) -> bool:
        limits = self._retention
        return (
            not self._keeps_commands
            or kept.commands > limits.commands * _SLACK
            or now - kept.commands_since > limits.command_seconds * _SLACK
        )

    def _trim_batches(self, kept: Kept, session: KeptSession, now: float) -> Kept:
        limits = self._retention
        count, size, upto = kept.batches, kept.bytes, 0
        since = kept.since
        for ordinal, since, batch_bytes in session.oldest_batches():
            if (
                self._most_bytes >= 0
                and count <= limits.ui_batches
                and size <= limits.ui_bytes
                and now - since <= limits.ui_seconds
            ):
                break
            count, size, upto = count - 1, size - batch_bytes, ordinal
        else:
            count = size = 0
        session.drop_batches(upto)
        return replace(kept, batches=count, bytes=size, since=since)


def with_batches(kept: Kept, new: NewBatches, now: float) -> Kept:
    """Returns what is kept once the new batches are stored."""
    at = max(now, kept.at)
    before = 0 if new.first else kept.batches
    return Kept(
        batches=before + new.count,
        bytes=(kept.bytes if before else 0) + new.bytes,
        since=kept.since if before else at,
        commands=kept.commands,
        commands_since=kept.commands_since,
        at=at,
    )


def command_times(kept: Kept, count: int, now: float) -> list[float]:
    """Returns the times at which a commit's records are stored: each later than all before."""
    times = [max(now, math.nextafter(kept.at, math.inf))]
    while len(times) < count:
        times.append(math.nextafter(times[-1], math.inf))
    return times


def with_commands(kept: Kept, added: int, times: Sequence[float]) -> Kept:
    """Returns what is kept once records are stored at these times, ``added`` of new ids."""
    since = kept.commands_since if kept.commands else times[0]
    return replace(kept, commands=kept.commands + added, commands_since=since, at=times[-1])
