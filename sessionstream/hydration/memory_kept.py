"""The UI events and command records of one session of a store in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter

from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.hydration.keeping import (
    NOTHING,
    PAGE_BYTES,
    BatchSize,
    Keeper,
    Kept,
    command_times,
    with_batches,
    with_commands,
)
from sessionstream.hydration.memory_payloads import KeptEvent

NewBatch = tuple[int, int, int, tuple[KeptEvent, ...]]
"""The UI events of one event: ordinal, bytes of the payloads, previous ordinal, the events."""

KeptBatch = tuple[int, float, int, int, tuple[KeptEvent, ...]]
"""The same, with the time when it was stored after the ordinal; see `KeptEvent` for its form."""

_ordinal = itemgetter(0)
_stored_at = itemgetter(1)


@dataclass(slots=True)
class MemoryKept:
    """What a session keeps for clients that come back; a `KeptSession`."""

    kept: Kept = NOTHING
    batches: list[KeptBatch] = field(default_factory=list)
    # By id, with the time; those that were stored last are last.
    commands: dict[str, tuple[float, CommandRecord]] = field(default_factory=dict)

    def add(
        self,
        keeper: Keeper,
        batches: Sequence[NewBatch],
        commands: Sequence[CommandRecord],
        now: float,
    ) -> None:
        """Adds what a commit has, and removes what is too much."""
        if batches:
            self._add_batches(keeper, batches, now)
        if commands:
            self._add_commands(commands, now)
        self.trim(keeper, now)

    def trim(self, keeper: Keeper, now: float) -> None:
        """Removes what is too much."""
        self.kept = keeper.trimmed(self.kept, self, now)

    def _add_batches(self, keeper: Keeper, batches: Sequence[NewBatch], now: float) -> None:
        new = keeper.select([size for _, size, _, _ in batches])
        self.kept = with_batches(self.kept, new, now)
        if new.first:
            self.batches.clear()
        at = self.kept.at
        self.batches += [
            (ordinal, at, size, previous, events)
            for ordinal, size, previous, events in batches[new.first :]
        ]

    def _add_commands(self, commands: Sequence[CommandRecord], now: float) -> None:
        before = len(self.commands)
        times = command_times(self.kept, len(commands), now)
        for at, record in zip(times, commands, strict=True):
            self.commands.pop(record.command_id, None)
            self.commands[record.command_id] = at, record
        self.kept = with_commands(self.kept, len(self.commands) - before, times)

    def page(self, after: int, limit: int, oldest: float) -> list[KeptBatch]:
        """Returns up to ``limit`` batches above ``after``, or fewer if they are large."""
        start = max(
            bisect_right(self.batches, after, key=_ordinal),
            bisect_left(self.batches, oldest, key=_stored_at),
        )
        found: list[KeptBatch] = []
        size = 0
        for batch in islice(self.batches, start, start + limit):
            size += batch[2]
            if found and size > PAGE_BYTES:
                break
            found.append(batch)
        return found

    def command(self, command_id: str, oldest: float) -> CommandRecord | None:
        """Returns the record, unless it is too old."""
        stored_at, record = self.commands.get(command_id, (0.0, None))
        return record if stored_at >= oldest else None

    def oldest_batches(self) -> Iterator[BatchSize]:
        """Returns the batches by ordinal."""
        return (batch[:3] for batch in self.batches)

    def drop_batches(self, upto: int) -> None:
        """Removes the batches up to an ordinal."""
        del self.batches[: bisect_right(self.batches, upto, key=_ordinal)]

    def trim_commands(self, before: float, most: int) -> tuple[int, float]:
        """Removes records stored before a time, and of those that ended all but ``most``."""
        ended = sum(record.status is not CommandStatus.ACCEPTED for _, record in self._records())
        for command_id, (stored_at, record) in list(self.commands.items()):
            if ended <= most and stored_at >= before:
                return max(ended, 1), stored_at
            has_ended = record.status is not CommandStatus.ACCEPTED
            if has_ended or stored_at < before:
                del self.commands[command_id]
                ended -= has_ended
        oldest = next((at for at, _ in self._records()), None)
        return (0, 0.0) if oldest is None else (max(ended, 1), oldest)

    def _records(self) -> Iterable[tuple[float, CommandRecord]]:
        return self.commands.values()
