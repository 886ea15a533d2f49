"""Which file of the folder a class is in, or goes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sessionstream_codegen import names
from sessionstream_codegen.model import FileDecl
from sessionstream_codegen.scaffolding.plans import PlanError
from sessionstream_codegen.scaffolding.stubs import HANDLERS, PROJECTIONS, StubClass, StubFile
from sessionstream_codegen.scaffolding.user.files import UserFile
from sessionstream_codegen.scaffolding.user.imports import ends
from sessionstream_codegen.scaffolding.user.reading import parsed, read_text
from sessionstream_codegen.targets.python.modules import PB2, SUFFIX

_OTHERS = ("test_*.py", "*_test.py", "conftest.py", f"*{SUFFIX}.py", f"*{PB2}.py")
"""Files that are not looked into: doubles in tests are no handlers, generated code no user's."""


class UserFolder:
    """A folder of the user's code, with the classes that derive from generated ones.

    A class stays where it is. The new ones of the folder's first .proto file go
    to ``handlers.py`` and ``projections.py``, those of another one to files
    whose names begin with its own. So nothing depends on which are named, or
    on how many.

    Raises:
        PlanError: Files that use generated code can't be parsed; all are named.
        OSError: A file can't be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = dict(_files(folder))
        # By the names of files: the generated modules whose classes they derive from.
        self._owners = {
            path.name: {module for _, module in one.derived()} for path, one in self._files.items()
        }

    def lacks_any(self, stubs: Sequence[StubFile]) -> bool:
        """Says whether no class is there for one of the stubs."""
        return any(not self._holding(stub, cls) for stub in stubs for cls in stub.classes)

    def derived(self) -> Iterator[tuple[Path, str, str]]:
        """Yields the handlers and projections: file, class, and generated module."""
        for path, file in self._files.items():
            yield from ((path, name, module) for name, module in file.derived())

    def place(
        self, file: FileDecl, stubs: Sequence[StubFile], *, with_new: bool = True
    ) -> Iterator[tuple[Path, StubFile]]:
        """Yields files with what the .proto file asks of each of them.

        Not ``with_new``, only with what it asks of classes that are there.
        """
        label: str | None = None
        for stub in stubs:
            placed: dict[Path, list[StubClass]] = {}
            for cls in stub.classes:
                paths = self._holding(stub, cls)
                if not paths and with_new:
                    label = self._label(file) if label is None else label
                    paths = [self._folder / f"{label}{stub.name}"]
                for path in paths:
                    placed.setdefault(path, []).append(cls)
            for path, classes in placed.items():
                yield path, stub.placed(path.name, classes)

    def _holding(self, stub: StubFile, cls: StubClass) -> list[Path]:
        return [path for path, one in self._files.items() if one.find(stub, cls)]

    def _label(self, file: FileDecl) -> str:
        """Returns what the names of the file's new files begin with; it is the file's from now on.

        That is what they begin with already, or else the first that is free.
        """
        module = names.module(file.path, SUFFIX)
        labels = [*_labels(file, len(self._owners))]
        kept = next((label for label in labels if self._is_of(label, module)), None)
        if kept is None:
            is_shared = any(not ends(owner, module) for owner in self._owners_of(*self._owners))
            known = (label for label in labels if label or not is_shared)
            kept = next(label for label in known if not self._owners_of(*_files_of(label)))
        self._owners.setdefault(f"{kept}{HANDLERS}", set()).add(module)
        return kept

    def _is_of(self, label: str, module: str) -> bool:
        return any(ends(owner, module) for owner in self._owners_of(*_files_of(label)))

    def _owners_of(self, *files: str) -> set[str]:
        return set[str]().union(*(self._owners.get(name, set()) for name in files))


def _files(folder: Path) -> Iterator[tuple[Path, UserFile]]:
    """Yields the files that use generated code."""
    refused: list[str] = []
    for path in sorted(folder.glob("*.py")):
        is_other = any(path.match(pattern) for pattern in _OTHERS)
        if is_other or not path.is_file() or SUFFIX.encode() not in path.read_bytes():
            continue
        try:
            yield path, parsed(path, read_text(path))
        except PlanError as error:
            refused.append(str(error))
    if refused:
        raise PlanError("\n".join(refused))


def _files_of(label: str) -> Sequence[str]:
    return f"{label}{HANDLERS}", f"{label}{PROJECTIONS}"


def _labels(file: FileDecl, taken: int) -> Iterator[str]:
    """Yields beginnings of names, the nicest first, and one more than can be taken."""
    whole = f"{names.snake(names.module(file.path, ''))}_"
    stem = names.snake(names.stem(file.path))
    yield from ("", f"{stem}_" if stem else whole, whole)
    yield from (f"{whole}{number}_" for number in range(2, taken + 3))
