"""`sessionstream new`: writes a project, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.project.errors import ProjectError
from sessionstream_codegen.project.files import project_files
from sessionstream_codegen.project.naming import checked_package_name, package_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A project to write into ``folder``; ``package`` is named after the folder unless given."""

    folder: Path
    package: str = ""

    def write(self) -> str:
        """Writes the project and returns the name of its package.

        The folder may exist if it is empty. After an error it is as it was.

        Raises:
            ProjectError: There is something in the folder, no package can have
                its name, or a tool that generates code is missing.
            OSError: A file can't be written.
        """
        folder = self.folder.resolve()
        _check_free(self.folder, folder)
        named = self.package
        package = checked_package_name(named) if named else package_name(folder.name)
        files = project_files(package)
        with _staged(folder) as stage:
            _write_files(stage, files)
            _move(stage, folder)
        return package


def _check_free(named: Path, folder: Path) -> None:
    if not str(folder).isprintable():
        # pip writes programs that begin with their interpreter's path: they would not start.
        raise ProjectError(
            f"{str(folder)!r} holds a tab, a line break or the like, which installed programs "
            "can't have in their path; name another folder"
        )
    if folder.is_dir():
        if any(folder.iterdir()):
            raise ProjectError(f"{named} is not empty; name a folder that is not there yet")
    elif os.path.lexists(folder):
        raise ProjectError(f"{named} is a file; name a folder that is not there yet")
    elif not folder.parent.is_dir():
        raise ProjectError(f"{named} can't be made: there is no folder {named.parent}")


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Gives out an empty folder on the same file system; it is gone afterwards."""
    stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _write_files(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _move(stage: Path, folder: Path) -> None:
    """Moves what is in ``stage``: a folder that exists stays the one that shells are in."""
    created = not folder.exists()
    moved: list[Path] = []
    folder.mkdir(exist_ok=True)
    try:
        for path in sorted(stage.iterdir()):
            target = folder / path.name
            path.rename(target)
            moved.append(target)
    except BaseException:  # interrupted too: no half of a project stays
        for path in moved:
            path.rename(stage / path.name)
        if created:
            folder.rmdir()
        raise
