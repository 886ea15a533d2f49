"""Names of several files in one class: what is imported makes room for what is declared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl

_VERSION = re.compile(r"v\d\w*")


def distinct(own: FileDecl, found: Sequence[tuple[FileDecl, str]]) -> list[str]:
    """Returns, for names and the files that have them, what each is called in ``own``'s module.

    A name that only one file has stays as it is, and so does that of ``own``
    itself. The others are preceded by words that tell their files apart:
    ``billing_opened`` and ``rooms_opened``. The order of imports changes none.
    """
    files: defaultdict[str, dict[str, FileDecl]] = defaultdict(dict)
    for file, name in found:
        files[name][file.path] = file
    return [
        name
        if file is own or len(files[name]) == 1
        else f"{_qualifier(file, [one for one in files[name].values() if one is not own])}_{name}"
        for file, name in found
    ]


def _qualifier(file: FileDecl, rivals: Collection[FileDecl]) -> str:
    """Returns the words of the file: the fewest that tell these files apart."""
    candidates, found = _qualifiers(file), [_qualifiers(rival) for rival in rivals]
    for candidate, others in zip(candidates, zip(*found, strict=True), strict=True):
        if all(others) and len(set(others)) == len(rivals):
            return candidate
    return candidates[-1]


def _qualifiers(file: FileDecl) -> Sequence[str]:
    """Returns words for a file, ever longer; the last are its path."""
    package = [part for part in file.package.split(".") if not _VERSION.fullmatch(part)]
    last, whole = names.snake(package[-1] if package else ""), names.snake(file.package)
    stem = names.snake(names.stem(file.path))
    return last, stem, f"{last}_{stem}".strip("_"), whole, names.snake(file.path)
