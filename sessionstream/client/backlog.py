"""What waits for a watcher."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from sessionstream.watching import AnyUpdate, SnapshotUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may wait: updates, and bytes of their frames; and bytes put together to one."""

    updates: int
    octets: int
    assembled: int


class Backlog:
    """The updates that a watcher has not taken yet, within a limit."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._waiting: deque[tuple[AnyUpdate, int]] = deque()
        self._octets = 0

    def offer(self, update: AnyUpdate, size: int) -> bool:
        """Takes an update of so many bytes; False where there is no room for it.

        A snapshot takes the place of all that waits. Alone, one of any size has room.
        """
        if isinstance(update, SnapshotUpdate):
            self._waiting.clear()
            self._octets = 0
        elif self._waiting and (
            len(self._waiting) >= self._room.updates or self._octets + size > self._room.octets
        ):
            return False
        self._waiting.append((update, size))
        self._octets += size
        return True

    def take(self) -> AnyUpdate | None:
        """Returns the next update; None where none waits."""
        if not self._waiting:
            return None
        update, size = self._waiting.popleft()
        self._octets -= size
        return update

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_low(self) -> bool:
        """Whether no more than half of the room is taken."""
        return (
            len(self._waiting) <= self._room.updates // 2 and self._octets <= self._room.octets // 2
        )
