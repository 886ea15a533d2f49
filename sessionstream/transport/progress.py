"""Whether a client takes what it is sent."""

from __future__ import annotations


class Progress:
    """Counts how long a client takes nothing, in looks at equal intervals.

    A look finds the client *waited for* when a frame is being sent or the
    network still has to take bytes of earlier ones. It has *moved* since the
    look before when a frame went out or fewer bytes are left.
    """

    def __init__(self) -> None:
        self._sent = 0
        self._is_sending = False
        self._last: tuple[int, int] | None = None
        self._still = 0

    @property
    def is_sending(self) -> bool:
        """Whether a frame is being sent."""
        return self._is_sending

    def begin(self) -> None:
        """Takes note that a frame is being sent."""
        self._is_sending = True

    def end(self) -> None:
        """Takes note that it has been sent."""
        self._is_sending = False
        self._sent += 1

    def look(self, unsent: int) -> int:
        """Returns in how many looks in a row, up to this one, nothing has moved.

        The first look that waits for a client counts 0: it may have begun to
        wait only just now.

        Args:
            unsent: How many bytes the network still has to take, 0 where
                nobody can tell.
        """
        before = self._last
        is_waited_for = self._is_sending or unsent > 0
        self._last = (self._sent, unsent) if is_waited_for else None
        if before is None or self._last is None or _has_moved(before, self._last):
            self._still = 0
        else:
            self._still += 1
        return self._still


def _has_moved(before: tuple[int, int], now: tuple[int, int]) -> bool:
    return now[0] > before[0] or now[1] < before[1]
