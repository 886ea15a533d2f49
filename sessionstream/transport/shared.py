"""What is read of a session and goes to many connections, with its frames.

Frames are made when the first connection of a dialect asks for them, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.transport.dialects import Dialect
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.keys import Key, key_of
from sessionstream.transport.readings import Opened
from sessionstream.types import Position, UIBatch


class SharedBatch:
    """The UI events of one event."""

    __slots__ = ("_frames", "batch", "epoch", "ordinal", "previous_ordinal", "session_id")

    def __init__(self, batch: UIBatch) -> None:
        self.batch = batch
        self.session_id = batch.session_id
        self.epoch = batch.epoch
        self.ordinal = batch.ordinal
        self.previous_ordinal = batch.previous_ordinal
        self._frames: dict[Dialect, Encoded] = {}

    def frames(self, dialect: Dialect) -> Encoded:
        """Returns its frames. Raises what encoding a payload raises."""
        found = self._frames.get(dialect)
        if found is None:
            found = self._frames[dialect] = dialect.encode_batch(self.batch)
        return found

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of its UI events."""
        return tuple(map(key_of, self.batch.events))


class SharedSnapshot:
    """A session's timeline and position."""

    def __init__(self, opened: Opened) -> None:
        self.ordinal = opened.snapshot.snapshot_ordinal
        self.position = opened.position
        self.snapshot = opened.snapshot
        self._frames: dict[Dialect, list[Encoded]] = {}

    def frames(self, dialect: Dialect, max_bytes: int) -> list[Encoded]:
        """Returns its frames, one for each part. Raises what encoding a payload raises."""
        found = self._frames.get(dialect)
        if found is None:
            found = dialect.encode_snapshot(self.snapshot, self.position.epoch, max_bytes)
            self._frames[dialect] = found
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A `source.History`, with batches that are shared."""

    position: Position
    batches: tuple[SharedBatch, ...]
    reaches_back: bool
    unreadable: int
