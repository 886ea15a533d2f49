"""How much the subscriptions of one connection hold while something is read for them."""

from __future__ import annotations

from collections.abc import Iterable

from sessionstream.transport.dialects import Dialect
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import SharedBatch
from sessionstream.transport.subscription import Subscription


class HeldFrames:
    """Counts over all sessions: a client must not multiply the limit by subscribing."""

    def __init__(self, dialect: Dialect, settings: TransportSettings) -> None:
        self._dialect = dialect
        self._settings = settings
        # No less than what subscriptions hold.
        self._frames = 0
        self._bytes = 0

    def is_too_much(self, more: SharedBatch, subscriptions: Iterable[Subscription]) -> bool:
        """Takes note of a batch that is held; whether that is more than may be.

        Summed up anew only when as much has come as there may be.
        """
        frames = more.frames(self._dialect)
        self._frames += len(frames)
        self._bytes += frames.size
        if not self._is_beyond_limits():
            return False
        held = [batch.frames(self._dialect) for each in subscriptions for batch in each.held]
        self._frames = sum(map(len, held))
        self._bytes = sum(each.size for each in held)
        return self._is_beyond_limits()

    def _is_beyond_limits(self) -> bool:
        return (
            self._frames > self._settings.max_queued_frames
            or self._bytes > self._settings.max_queued_bytes
        )
