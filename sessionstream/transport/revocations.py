"""Who was revoked while a hook was being asked, or an answer was on its way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

# How many are known one by one.
_REMEMBERED: Final = 1000


class Revocations:
    """Counts revocations. What it keeps is bounded: of those long past it knows no names.

    Take `mark` before something is asked, and hand it in with what came of it.
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._last: OrderedDict[Hashable, int] = OrderedDict()  # the latest last
        self._forgotten = 0
        self.mark = 0
        """How many there were."""

    def __len__(self) -> int:
        return len(self._last)

    def add(self, revoked: Hashable) -> None:
        """Takes note of one."""
        self.mark += 1
        self._last[revoked] = self.mark
        self._last.move_to_end(revoked)
        if len(self._last) > self._remembered:
            _, self._forgotten = self._last.popitem(last=False)

    def has_since(self, mark: int, revoked: Hashable) -> bool:
        """Whether this was revoked after the mark; True too where nobody knows any more."""
        return max(self._forgotten, self._last.get(revoked, 0)) > mark
