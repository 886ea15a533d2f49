"""What becomes of one file of the user's, and how it is written."""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class PlanError(Exception):
    """A file that can't be read or extended; the text names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a file: ``said`` is why it is kept, ``done`` what is written into it.

    ``verb`` is "write" or "add to"; ``before`` the text as it is. ``unwritten``
    are the methods that still raise when all is done.
    """

    path: Path
    said: tuple[str, ...] = ()
    verb: str = ""
    done: str = ""
    before: str = ""
    after: str = ""
    unwritten: tuple[str, ...] = ()

    def diff(self) -> Iterator[str]:
        """Yields the lines of a unified diff; of a file that is there."""
        if self.before:
            before, after = (_lines(text) for text in (self.before, self.after))
            name = str(self.path)
            yield from difflib.unified_diff(before, after, name, name, lineterm="")

    def write(self) -> None:
        """Writes the file, whole or not at all; a link stays one, and so do permissions.

        Raises:
            OSError: It can't be written.
        """
        target = Path(os.path.realpath(self.path))
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        with fresh.open("xb") as file:
            file.write(self.after.encode())
        try:
            if target.exists():
                # Renaming would replace a file that may not be written.
                target.open("r+b").close()
                shutil.copymode(target, fresh)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)


def _lines(text: str) -> list[str]:
    """Returns the lines without their ends, as Python sees them."""
    return re.split(r"\r\n|\r|\n", re.sub(r"(\r\n|\r|\n)\Z", "", text))
