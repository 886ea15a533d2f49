"""Import statements in the user's files."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from pathlib import Path

from sessionstream_codegen.scaffolding.symbols import Symbol
from sessionstream_codegen.targets.python.layout import LINE_LENGTH, Bracket, lay_out
from sessionstream_codegen.targets.python.modules import import_from


def statement_lines(module: str, names: Sequence[str]) -> Iterator[str]:
    """Yields the statement that imports names from a module, or those that import them alone."""
    if not module:
        yield from (f"import {name}" for name in names)
        return
    statement = f"from {module} import {', '.join(names)}"
    exploded = Bracket(f"from {module} import (", names, ")", exploded=True)
    yield statement if len(statement) <= LINE_LENGTH else lay_out(exploded)


def imported_as(symbol: Symbol, name: str) -> str:
    """Returns what follows ``import`` for a symbol that is called so."""
    return symbol.name if symbol.name == name else f"{symbol.name} as {name}"


def module_in(package: str, symbol: Symbol) -> str:
    """Returns what follows ``from``, where the symbol's package is written so."""
    if symbol.is_module:
        return package
    name = symbol.module.rpartition(".")[2]
    return f"{package}.{name}" if package.strip(".") else package + name


def reached_package(package: str, folder: Path) -> str:
    """Returns what follows ``from`` for a package, in a file of ``folder``.

    That is its own name. Where it holds a keyword, it is relative, and the
    folder must lie so deep in the package that no keyword is left to be said.

    Raises:
        ValueError: No import statement reaches the package from there.
    """
    parts = package.split(".")
    if not any(map(keyword.iskeyword, parts)):
        return package
    starts = [index for index, part in enumerate(folder.parts) if part == parts[0]]
    found = [import_from(package, ".".join(folder.parts[start:])) for start in reversed(starts)]
    reached = next(filter(None, found), "")
    if not reached:
        last = max(index for index, part in enumerate(parts) if keyword.iskeyword(part))
        raise ValueError(
            f"no import statement reaches {package} from here, as {parts[last]!r} is a keyword; "
            f"write the files into the folder {'/'.join(parts[: last + 1])}, or below it"
        )
    return reached
