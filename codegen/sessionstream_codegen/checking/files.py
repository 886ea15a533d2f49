"""Compares generated files with those that are there. Nothing is written or deleted."""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from sessionstream_codegen.targets.header import GENERATED_BY
from sessionstream_codegen.targets.python.modules import SUFFIX

# What stands before the line in files that are no Python: in an HTML comment, in JSON, in others.
_HEADER = re.compile(
    rf'^(?:<!--\s*|\s*"generated": "|[#/*; ]*){re.escape(GENERATED_BY)}\b', re.MULTILINE
)
_MODULE = f"{SUFFIX}.py"


class State(Enum):
    """What is wrong with a generated file."""

    MISSING = "missing"
    STALE = "stale"
    LINE_ENDINGS = "stale (other line endings)"
    ORPHANED = "orphaned (no .proto file gives it)"


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as it should be. ``diff`` is a unified one, for stale text."""

    path: Path
    state: State
    diff: str = ""


def compare(fresh: Mapping[Path, bytes], orphans: Iterable[Path] = ()) -> list[Difference]:
    """Returns what differs, sorted by path.

    ``fresh`` is what generating gives now, by the paths where it belongs.
    """
    found = [difference for path in fresh for difference in _compare_one(path, fresh[path])]
    found += [Difference(path, State.ORPHANED) for path in set(orphans) - fresh.keys()]
    return sorted(found, key=lambda difference: difference.path)


def orphans(
    folders: Iterable[Path],
    fresh: Collection[Path],
    *,
    suffixes: Collection[str],
    message_modules: bool = True,
) -> Iterator[Path]:
    """Yields the files below the folders that the plugin wrote once and would not write now.

    With ``message_modules``, the modules of protoc beside them as well. Hidden
    folders, virtual environments, other projects and node_modules are left out.
    """
    for path in _files_below(folders, suffixes):
        if path not in fresh and is_generated(path):
            yield path
            if message_modules and path.name.endswith(_MODULE):
                stem = path.name.removesuffix(_MODULE)
                beside = (*path.parent.glob(f"{stem}_pb2.py*"), *path.parent.glob(f"{stem}_pb2_*"))
                yield from (one for one in beside if one not in fresh)


def is_generated(path: Path) -> bool:
    """Whether the plugin wrote the file, by its header; False for what can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if GENERATED_BY not in text:
        return False
    if path.suffix == ".py":
        # Other code may well have the line in a string.
        try:
            text = ast.get_docstring(ast.parse(text)) or ""
        except (SyntaxError, ValueError):
            return False
    return _HEADER.search(text) is not None


def excluded(path: Path, base: Path, globs: Sequence[str]) -> bool:
    """Whether a glob matches the path, relative to ``base``, or a folder that it is in."""
    relative = Path(os.path.relpath(path, base))
    candidates = [one.as_posix() for one in (relative, *relative.parents) if one.name]
    return any(fnmatchcase(one, glob.rstrip("/")) for glob in globs for one in candidates)


def _compare_one(path: Path, wanted: bytes) -> Iterator[Difference]:
    if not path.is_file():
        yield Difference(path, State.MISSING)
        return
    present = path.read_bytes()
    if present == wanted:
        return
    if present.replace(b"\r\n", b"\n") == wanted.replace(b"\r\n", b"\n"):
        yield Difference(path, State.LINE_ENDINGS)
    else:
        yield Difference(path, State.STALE, _diff(path, present, wanted))


def _diff(path: Path, present: bytes, wanted: bytes) -> str:
    try:
        before, after = present.decode().splitlines(), wanted.decode().splitlines()
    except UnicodeDecodeError:
        return ""
    shown = os.path.relpath(path)
    lines = difflib.unified_diff(before, after, shown, f"{shown} (generated now)", lineterm="")
    return "\n".join(lines)


def _files_below(folders: Iterable[Path], suffixes: Collection[str]) -> Iterator[Path]:
    for folder in sorted(set(folders)):
        for parent, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not _is_foreign(Path(parent, name)))
            yield from (Path(parent, file) for file in files if Path(file).suffix in suffixes)


def _is_foreign(folder: Path) -> bool:
    return (
        folder.name.startswith(".")
        or folder.name in {"node_modules", "__pycache__"}
        or (folder / "pyvenv.cfg").exists()
        or (folder / ".git").exists()  # another work tree: its files are its own
        or all((folder / name).exists() for name in ("buf.yaml", "buf.gen.yaml"))
    )
