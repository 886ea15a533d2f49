"""Changes that are made as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Restorable(Protocol):
    """What can be put back as it was."""

    def restore_point(self) -> Callable[[], None]:
        """Returns a function that puts it back as it is now."""


@contextmanager
def all_or_nothing(*owners: Restorable) -> Iterator[None]:
    """Puts the owners back as they were when the body raises.

    The body must not await: what others change meanwhile would be lost as well.
    """
    restores = [owner.restore_point() for owner in owners]
    try:
        yield
    except BaseException:  # interrupted too: nothing stays half registered
        for restore in restores:
            restore()
        raise
