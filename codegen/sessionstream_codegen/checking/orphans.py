"""Finds generated files that nothing gives any more. Nothing is deleted."""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from sessionstream_codegen.targets.header import GENERATED_BY
from sessionstream_codegen.targets.python.modules import SUFFIX

# What stands before the line in files that are no Python: in an HTML comment, in JSON, in others.
_HEADER = re.compile(
    rf'^(?:<!--\s*|\s*"generated": "|[#/*; ]*){re.escape(GENERATED_BY)}\b', re.MULTILINE
)
_MODULE = f"{SUFFIX}.py"
# In the title of a module in Python or TypeScript, and in the list of an app module.
_OF = re.compile(r"\A.* of ``?([^`]+\.proto)``?\.(?: \*/)?$|^- ``(.+\.proto)``$", re.MULTILINE)
# Files that are of all .proto files of a run, and name none.
_OF_A_RUN = (".json", ".md")


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


def is_of_others(path: Path, out: Path, asked: Collection[str], includes: Sequence[Path]) -> bool:
    """Whether a generated file is of a .proto file that is there, but was not asked for.

    ``asked`` has the files by their paths below the ``includes``, as headers do. A lock file
    or a catalogue further below the output folder ``out`` is of another run.
    """
    if path.suffix in _OF_A_RUN:
        return path.parent != out
    header = _header(path)
    named = {one for found in _OF.findall(header) for one in found if one}
    return any((folder / one).is_file() for one in named - {*asked} for folder in includes)


def is_generated(path: Path) -> bool:
    """Whether the plugin wrote the file, by its header; False for what can't be read."""
    return _HEADER.search(_header(path)) is not None


def _header(path: Path) -> str:
    """Returns the text that may hold the header; none where the plugin did not write the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    if GENERATED_BY not in text:
        return ""
    if path.suffix != ".py":
        return text
    # Other code may well have the line in a string.
    try:
        with warnings.catch_warnings():
            # Python would tell of the file's other strings, and of a file without a name.
            warnings.simplefilter("ignore")
            return ast.get_docstring(ast.parse(text)) or ""
    except (SyntaxError, ValueError):
        return ""


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
