"""What code that is added to a user's file calls things: as the file does, or by new imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path

from sessionstream_codegen.scaffolding.statements import (
    imported_as,
    module_in,
    reached_package,
)
from sessionstream_codegen.scaffolding.symbols import RUNTIME, Symbol
from sessionstream_codegen.scaffolding.user.imports import Imports


class AddedNames:
    """Names for code below the line ``before``; ``hidden`` mean something else in it."""

    def __init__(
        self,
        imports: Imports,
        symbols: Mapping[str, Symbol],
        folder: Path,
        *,
        before: int,
        hidden: frozenset[str],
    ) -> None:
        self._imports = imports
        self._symbols = symbols
        self._folder = folder
        self._before = before
        self._hidden = hidden
        self._new: dict[str, Symbol] = {}

    def resolve(self, keys: Iterable[str], evaluated: frozenset[str]) -> dict[str, str]:
        """Returns what code says for symbols; those of ``evaluated`` must be there at run time."""
        return {key: self._resolved(key, key in evaluated) for key in sorted(keys)}

    def modules(self) -> dict[str, list[str]]:
        """Returns what is to be imported: names, by what follows ``from``.

        Raises:
            ValueError: No statement reaches a module from the file's folder.
        """
        modules: dict[str, list[str]] = {}
        for name, symbol in sorted(self._new.items(), key=lambda item: item[1].name):
            modules.setdefault(self._module(symbol), []).append(imported_as(symbol, name))
        return modules

    def _resolved(self, key: str, evaluated: bool) -> str:
        symbol = self._symbols[key]
        found = self._imports.expression(
            symbol, before=self._before, evaluated=evaluated, hidden=self._hidden
        )
        if found:
            return found
        name = next(name for name in _candidates(symbol) if self._may_be(name, symbol))
        self._new[name] = symbol
        return name

    def _may_be(self, name: str, symbol: Symbol) -> bool:
        is_free = name not in self._hidden and self._imports.is_free(name, symbol)
        return is_free and self._new.get(name, symbol) == symbol

    def _module(self, symbol: Symbol) -> str:
        """Returns what follows ``from``, as the file writes it for modules of that package."""
        if symbol.module in RUNTIME:
            return symbol.module
        siblings = {one.file for one in self._symbols.values() if one.package == symbol.package}
        written = self._imports.written_package(sorted(siblings - RUNTIME))
        if written is None:
            written = reached_package(symbol.package, self._folder)
        return module_in(written, symbol)


def _candidates(symbol: Symbol) -> Iterator[str]:
    yield from (symbol.local_name, symbol.name)
    yield from (f"{symbol.name}{'_' * number}" for number in count(1))
