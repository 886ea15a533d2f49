"""How far long work has come: one line on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

# Work that is done within this time says nothing, in seconds; and it is not said more often.
_PATIENCE = 0.5


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Shows a line for as long as the block takes, once that has taken a moment."""
    with Progress() as progress:
        timer = threading.Timer(_PATIENCE, progress.show, [text])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # it may just be writing


class Progress:
    """A line on stderr that is written over, and removed at the end."""

    def __init__(self) -> None:
        self._said = time.monotonic()
        self._width = 0

    def show(self, text: str) -> None:
        """Shows the text instead of the one before, unless that is a moment ago."""
        now = time.monotonic()
        if now - self._said >= _PATIENCE and sys.stderr.isatty():
            self._said = now
            sys.stderr.write(f"\r{text.ljust(self._width)}")
            sys.stderr.flush()
            self._width = len(text)

    def clear(self) -> None:
        """Removes what is shown, for other lines to come."""
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.clear()
