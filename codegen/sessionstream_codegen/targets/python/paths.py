"""Where the modules of .proto files lie: each can be imported, and no two are one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from sessionstream_codegen import names
from sessionstream_codegen.diagnostics import Diagnostic, Note, Severity, quoted
from sessionstream_codegen.model import FileDecl, Position, Run
from sessionstream_codegen.present import PRESENT
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX, import_from, package_of


def check_paths(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS002, for a file that has roles and for those whose roles it uses."""
    yield from _check_path(file, file.position)
    yield from _check_package(file)
    for other in run.visible_from(file):
        if other.path not in run.generate:
            yield from _check_path(other, _imported_at(other, file))
        yield from _check_import(other, file)


def check_modules(run: Run) -> Iterator[Diagnostic]:
    """SS002, SS007: modules of the run that are one, or hide each other.

    Files without roles have modules too: those that protoc makes. Two of them
    are a matter of protoc's.
    """
    used = {
        other.path for file in run.targets() if file.has_roles for other in _with_used(file, run)
    }
    files = sorted(run.files.values(), key=lambda file: file.path)
    first: dict[str, FileDecl] = {}
    for file in files:
        earlier = first.setdefault(names.module(file.path, PB2), file)
        if earlier is not file and used & {earlier.path, file.path}:
            yield _same_module(file, earlier)
    made = {module: file for file in files for module in _modules(file)}
    for file in files:
        for folder in _folders(file):
            if folder in made and used & {made[folder].path, file.path}:
                yield _hidden(file, folder, made[folder])


def unfit_parts(path: str) -> list[str]:
    """Returns the parts of a file's path that are no Python names, as they are written there."""
    written = names.without_extension(path).replace("/", ".").split(".")
    parts = names.module(path, PB2).split(".")
    return [shown for shown, part in zip(written, parts, strict=True) if not part.isidentifier()]


def _check_path(file: FileDecl, position: Position) -> Iterator[Diagnostic]:
    unfit = unfit_parts(file.path)
    respelled = [part for part in names.without_extension(file.path).split("/") if _folded(part)]
    if respelled and not unfit:
        shown = " and ".join(f"{quoted(part)} as {quoted(_folded(part))}" for part in respelled)
        yield Diagnostic(
            position,
            "SS002",
            f"{file.path} can't be imported in Python, which reads {shown}; "
            "spell the file and its folders so, or in ASCII",
        )
    if unfit:
        shown = " and ".join(map(quoted, unfit))
        fault = "is no Python name; rename the file or its folder"
        faults = "are no Python names; rename the file and its folders"
        yield Diagnostic(
            position,
            "SS002",
            f"{file.path} can't be imported in Python: {shown} "
            + (fault if len(unfit) == 1 else faults),
        )


def _folded(part: str) -> str:
    """Returns how Python reads a name (PEP 3131); empty where that is as it is written."""
    found = unicodedata.normalize("NFKC", part)
    return found if found != part else ""


def _check_package(file: FileDecl) -> Iterator[Diagnostic]:
    folder = package_of(file).partition(".")[0]
    if folder in PRESENT:
        yield Diagnostic(
            file.position,
            "SS002",
            f"{file.path} can't be imported in Python: another package or module is called "
            f"{folder}, and is found first; rename the folder",
            severity=Severity.WARNING,
        )


def _check_import(other: FileDecl, file: FileDecl) -> Iterator[Diagnostic]:
    package = package_of(other)
    if package and not import_from(package, package_of(file)):
        keywords = [quoted(part) for part in package.split(".") if not names.is_identifier(part)]
        yield Diagnostic(
            _imported_at(other, file),
            "SS002",
            f"{other.path} can't be imported here in Python: {' and '.join(keywords)} is a "
            "keyword, which only files of the same folder do without; rename that folder",
        )


def _same_module(file: FileDecl, earlier: FileDecl) -> Diagnostic:
    module = names.module(file.path, PB2)
    return Diagnostic(
        file.position,
        "SS007",
        f"{file.path} and {earlier.path} would both be the Python module {module}; "
        "rename one of them",
        (Note(earlier.position, "the other file is this one"),),
    )


def _hidden(file: FileDecl, folder: str, by: FileDecl) -> Diagnostic:
    return Diagnostic(
        file.position,
        "SS002",
        f"{file.path} can't be imported in Python: the module {folder} is found before the "
        "folder of that name; rename the folder",
        (Note(by.position, "that module is generated from this file"),),
    )


def _with_used(file: FileDecl, run: Run) -> Iterator[FileDecl]:
    yield file
    yield from run.visible_from(file)


def _modules(file: FileDecl) -> Iterator[str]:
    yield names.module(file.path, PB2)
    if file.has_roles:
        yield names.module(file.path, SUFFIX)


def _folders(file: FileDecl) -> Iterator[str]:
    """Yields the packages that a file's modules lie in, the innermost first."""
    package = package_of(file)
    while package:
        yield package
        package = package.rpartition(".")[0]


def _imported_at(other: FileDecl, file: FileDecl) -> Position:
    return file.import_positions.get(other.path, file.position)
