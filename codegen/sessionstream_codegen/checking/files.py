"""Compares generated files with those that are there. Nothing is written or deleted."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path


class State(Enum):
    """What is wrong with a generated file."""

    MISSING = "missing"
    STALE = "stale"
    LINE_ENDINGS = "stale (other line endings)"
    ORPHANED = "orphaned (no .proto file gives it)"


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as it should be.

    ``diff`` is a unified one, for stale text; ``wanted`` is what the file should hold, None for
    one that should not be there.
    """

    path: Path
    state: State
    diff: str = ""
    wanted: bytes | None = None


def compare(fresh: Mapping[Path, bytes], orphans: Iterable[Path] = ()) -> list[Difference]:
    """Returns what differs, sorted by path.

    ``fresh`` is what generating gives now, by the paths where it belongs.
    """
    found = [difference for path in fresh for difference in _compare_one(path, fresh[path])]
    found += [Difference(path, State.ORPHANED) for path in set(orphans) - fresh.keys()]
    return sorted(found, key=lambda difference: difference.path)


def excluded(path: Path, base: Path, globs: Sequence[str]) -> bool:
    """Whether a glob matches the path, relative to ``base``, or a folder that it is in."""
    relative = Path(os.path.relpath(path, base))
    candidates = [one.as_posix() for one in (relative, *relative.parents) if one.name]
    return any(fnmatchcase(one, glob.rstrip("/")) for glob in globs for one in candidates)


def _compare_one(path: Path, wanted: bytes) -> Iterator[Difference]:
    if not path.is_file():
        yield Difference(path, State.MISSING, wanted=wanted)
        return
    present = path.read_bytes()
    if present == wanted:
        return
    if present.replace(b"\r\n", b"\n") == wanted.replace(b"\r\n", b"\n"):
        yield Difference(path, State.LINE_ENDINGS, wanted=wanted)
    else:
        yield Difference(path, State.STALE, _diff(path, present, wanted), wanted)


def _diff(path: Path, present: bytes, wanted: bytes) -> str:
    try:
        before, after = present.decode().splitlines(), wanted.decode().splitlines()
    except UnicodeDecodeError:
        return ""
    shown = os.path.relpath(path)
    lines = difflib.unified_diff(before, after, shown, f"{shown} (generated now)", lineterm="")
    return "\n".join(lines)
