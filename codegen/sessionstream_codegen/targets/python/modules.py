"""Python modules of .proto files, and how one of them imports another.

A folder that is a keyword can't stand in an import statement: only what lies
in it reaches its files, by a relative import that does not name the folder.
"""

from __future__ import annotations

import keyword
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl

SUFFIX = "_sessionstream"
PB2 = "_pb2"


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """A module that the generated one imports, and the name that it has there."""

    module: str
    alias: str

    @property
    def package(self) -> str:
        """The package that holds it; empty at the top."""
        return self.module.rpartition(".")[0]

    @property
    def imported_as(self) -> str:
        """What follows ``import``."""
        name = self.module.rpartition(".")[2]
        return name if name == self.alias else f"{name} as {self.alias}"


def import_from(package: str, inside: str) -> str:
    """Returns what follows ``from`` in a module of the package ``inside``.

    That is the package's own name, unless it holds a keyword. Empty where no
    statement reaches it.
    """
    parts, base = package.split("."), inside.split(".")
    if not any(map(keyword.iskeyword, parts)):
        return package
    shared = len(posixpath.commonprefix([parts, base]))
    below = parts[shared:]
    if not shared or any(map(keyword.iskeyword, below)):
        return ""
    return "." * (len(base) - shared + 1) + ".".join(below)


def package_of(file: FileDecl) -> str:
    """Returns the Python package that the file's modules lie in; empty at the top."""
    return names.module(file.path, PB2).rpartition(".")[0]


def imported_modules(file: FileDecl, others: Iterable[FileDecl]) -> list[ImportedModule]:
    """Returns the protobuf modules and generated modules that the file's module may refer to."""
    modules = [names.module(other.path, suffix) for other in others for suffix in (PB2, SUFFIX)]
    aliases = told_apart(modules)
    own = ImportedModule(names.module(file.path, PB2), "pb")
    return [own, *(ImportedModule(module, aliases[module]) for module in modules)]


def told_apart(modules: Iterable[str], taken: Collection[str] = ()) -> Mapping[str, str]:
    """Returns a name for each module, none of them ``taken``.

    Modules of one name are all called after their packages.
    """
    found = names.tell_apart({module: list(_aliases(module)) for module in modules})
    gone = set(taken)
    for module in sorted(found):
        while found[module] in gone:
            # Of the folders a_b and a/b, for example.
            found[module] += "_"
        gone.add(found[module])
    return found


def _aliases(module: str) -> Iterator[str]:
    """Yields names for a module: its own, then longer ones; ``v1_chat`` would say nothing."""
    parts = module.split(".")
    for start in range(len(parts) - 1, -1, -1):
        if start in {0, len(parts) - 1} or not re.fullmatch(r"v\d\w*", parts[start]):
            yield "_".join(parts[start:])
