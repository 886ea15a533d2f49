"""`sessionstream new`: writes a project, all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessionstream_codegen.project.errors import ProjectError
from sessionstream_codegen.project.files import project_files
from sessionstream_codegen.project.naming import checked_package_name, package_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A project to write into ``folder``; ``package`` is named after the folder unless given."""

    folder: Path
    package: str | None = None

    def write(self) -> str:
        """Writes the project and returns the name of its package.

        The folder may exist if it holds nothing but dot files, such as those
        of git, and none of them is one of the project's. After an error it is
        as it was.

        Raises:
            ProjectError: There is something in the folder, no package can have
                its name, a tool that generates code is missing, or the folder
                can't be written.
        """
        folder = Path(os.path.realpath(self.folder))
        named = self.package
        try:
            _check_folder(self.folder, folder)
            package = package_name(folder.name) if named is None else checked_package_name(named)
            files = project_files(package)
            _check_free(self.folder, folder, files)
            _write_files(folder, files)
        except OSError as error:
            reason = error.strerror or error
            raise ProjectError(
                f"{self.folder} can't be written: {reason}; name another folder"
            ) from error
        return package


# What a shell reads otherwise than it is written, also between double quotes.
_UNFIT_FOR_PROGRAMS = frozenset("'\"$`\\")


def _check_folder(named: Path, folder: Path) -> None:
    if not str(folder).isprintable() or _UNFIT_FOR_PROGRAMS & {*str(folder)}:
        # pip writes programs that begin with their interpreter's path: they would not start.
        raise ProjectError(
            f"{str(folder)!r} holds a quote, a dollar sign, a backslash, a tab or the like, which "
            "installed programs can't have in their path; name another folder"
        )
    if folder.is_dir():
        if found := sorted(path.name for path in folder.iterdir() if path.name[0] != "."):
            raise ProjectError(
                f"{named} holds {found[0]}; name a folder that is not there yet, or one with "
                "nothing but dot files"
            )
    elif os.path.lexists(folder):
        raise ProjectError(f"{named} is a file; name a folder that is not there yet")
    elif not folder.parent.is_dir():
        raise ProjectError(f"{named} can't be made: there is no folder {named.parent}")


def _check_free(named: Path, folder: Path, files: Iterable[str]) -> None:
    needed = {parent for name in files for parent in Path(name).parents}
    blocked = {str(path) for path in needed if _is_no_folder(folder / path)}
    taken = sorted(blocked.union(name for name in files if os.path.lexists(folder / name)))
    if taken:
        raise ProjectError(
            f"{named} has {', '.join(taken)} already, as the project would; move that away, "
            "or name another folder"
        )


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Writes the files in place: a folder that exists stays the one that shells are in."""
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            for parent in _missing(path.parent):
                parent.mkdir()
                made.append(parent)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.write(text)
    except BaseException:  # interrupted too: no half of a project stays
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        raise


def _missing(folder: Path) -> list[Path]:
    """Returns the folders to make, the outermost first."""
    return [path for path in (*reversed(folder.parents), folder) if not path.is_dir()]
