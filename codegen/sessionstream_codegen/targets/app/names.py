"""The names of an app module: what each file of the run is called there.

A file is called after its prefix. Files that share one are called after their
folders as well, or after themselves within one folder: all of them, so that the
order of a run changes no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX, ImportedModule
from sessionstream_codegen.targets.python.names import ModuleNames

_VERSION = re.compile(r"v\d\w*")
_TAKEN_PARAMETERS = frozenset({"hub", "watch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFile:
    """A file of the app. ``parameter`` is its name in calls, ``parts`` its class of parts.

    ``imported`` is its generated module, ``messages`` that of protobuf.
    """

    module: ModuleNames
    parameter: str
    parts: str
    imported: ImportedModule
    messages: ImportedModule

    @property
    def roles(self) -> list[tuple[str, str]]:
        """What has to be implemented: the arguments of its ``install`` with their types."""
        found = []
        if self.module.commands:
            found.append(("handlers", self.of("Handlers")))
        if self.module.ui_projected:
            found.append(("ui", self.of("UIProjection")))
        if self.module.timeline_projected:
            found.append(("timeline", self.of("TimelineProjection")))
        return found

    @property
    def arguments(self) -> list[str]:
        """The arguments of the call of its ``install``."""
        passed = [f"{role}={self.parameter}.{role}" for role, _ in self.roles]
        return ["hub", *passed]

    def of(self, suffix: str) -> str:
        """Returns one of the classes of the file's own module."""
        return self.member(self.module.cls(suffix))

    def member(self, name: str) -> str:
        """Returns a name of the file's own module."""
        return f"{self.imported.alias}.{name}"


def app_files(run: Run) -> list[AppFile]:
    """Returns the files of the run that have roles, in the order of installation."""
    named = list(named_files(run))
    parameters = {path: names.free(names.snake(name), _TAKEN_PARAMETERS) for path, name in named}
    taken = frozenset(parameters.values())
    return [
        AppFile(
            module=ModuleNames(run.files[path], run),
            parameter=parameters[path],
            parts=f"{name}Parts",
            imported=_imported(path, name, SUFFIX, taken),
            messages=_imported(path, name, PB2, taken),
        )
        for path, name in named
    ]


def _imported(path: str, name: str, suffix: str, taken: frozenset[str]) -> ImportedModule:
    alias = names.free(names.snake(name) + suffix, taken)
    return ImportedModule(names.module(path, suffix), alias)


def app_prefix(app: str) -> str:
    """Returns what the names of the app's own classes begin with."""
    return names.camel(app.rpartition("/")[2])


def named_files(run: Run) -> Iterator[tuple[str, str]]:
    """Yields the paths of files with their names, which differ where that is possible."""
    candidates = {file.path: list(_candidates(file)) for file in in_order(run)}
    yield from names.tell_apart(candidates, names.snake).items()


def in_order(run: Run) -> Sequence[FileDecl]:
    """Returns the files that have roles by path, each behind those that it imports."""
    wanted = {file.path for file in run.targets() if file.has_roles}
    seen = set[str]()
    found: list[FileDecl] = []
    # Whether a file's imports are still to be visited, or lie behind.
    waiting = [(path, True) for path in sorted(wanted, reverse=True)]
    while waiting:
        path, entering = waiting.pop()
        if not entering:
            found += [run.files[path]] if path in wanted else []
        elif path in run.files and path not in seen:
            seen.add(path)
            waiting.append((path, False))
            waiting += [
                (one, True) for one in sorted(run.files[path].import_positions, reverse=True)
            ]
    return found


def _candidates(file: FileDecl) -> Iterator[str]:
    """Yields names for a file, ever longer; versions of folders come last.

    Behind them, for files of one folder and one prefix, comes the file's own name.
    """
    folders = file.path.split("/")[:-1]
    plain = [folder for folder in folders if not _VERSION.fullmatch(folder)]
    tails = [parts[start:] for parts in (plain, folders) for start in reversed(range(len(parts)))]
    found = [names.camel("-".join(tail)) + file.class_prefix for tail in tails]
    own = names.camel(names.stem(file.path))
    if own != file.class_prefix:
        found += [name + own for name in (file.class_prefix, *found)]
    # A dict keeps the order and drops what is there already.
    yield from dict.fromkeys([file.class_prefix, *filter(names.is_class_name, found)])
