"""Who watches one session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

M = TypeVar("M")


class Room(Generic[M]):
    """The members of a room, in the order in which they came."""

    def __init__(self) -> None:
        self._members: dict[M, None] = {}
        # Whether nothing was delivered here since the last look at the position.
        self.is_quiet = False

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: M) -> None:
        """Lets a member in; may be repeated."""
        self._members[member] = None

    def discard(self, member: M) -> None:
        """Lets a member out, if it is in."""
        self._members.pop(member, None)

    def members(self) -> Sequence[M]:
        """Returns who is in now; members may come and go while it is gone through."""
        return tuple(self._members)
