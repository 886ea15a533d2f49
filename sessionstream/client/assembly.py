"""Frames that make a whole: the UI events of one event, the parts of one snapshot.

Only a whole counts. One that is cut short by the next, or by the end of the
connection, is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

F = TypeVar("F")


@dataclass(slots=True)
class Assembly(Generic[F]):
    """A whole that is being put together from ``count`` frames.

    ``key`` tells it from others, as the ordinal does. ``size`` is that of the
    frames, in bytes.
    """

    key: tuple[str, int]
    count: int
    size: int = 0
    frames: list[F] = field(default_factory=list)

    def takes(self, key: tuple[str, int], count: int, index: int) -> bool:
        """Whether the frame is the next of this one."""
        return (key, count, index) == (self.key, self.count, len(self.frames))

    def add(self, frame: F, size: int) -> bool:
        """Adds the next frame; returns whether the whole is complete."""
        self.frames.append(frame)
        self.size += size
        return len(self.frames) >= self.count
