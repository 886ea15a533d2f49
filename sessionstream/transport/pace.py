"""When a fan-out lets others have their turn."""

from __future__ import annotations

from typing import Final

from sessionstream.transport.encoded import Encoded
from sessionstream.transport.settings import TransportSettings


class Pace:
    """Counts what is handed out in one turn of the event loop.

    A commit, or a projection that catches up, can give more at once than a
    queue holds: without a turn a client that reads would seem too slow.
    """

    members_at_once: Final = 128

    def __init__(self, settings: TransportSettings) -> None:
        self._most_frames = settings.max_queued_frames
        self._most_bytes = settings.max_queued_bytes
        self._frames = 0
        self._bytes = 0

    def is_turn_of_others(self, frames: Encoded) -> bool:
        """Takes what each member was handed; True, and it counts anew, for half a queue."""
        self._frames += len(frames)
        self._bytes += frames.size
        if self._frames * 2 <= self._most_frames and self._bytes * 2 <= self._most_bytes:
            return False
        self._frames = self._bytes = 0
        return True
