"""The text of a new file of the user's, with classes to fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sessionstream_codegen.scaffolding.statements import (
    imported_as,
    module_in,
    reached_package,
    statement_lines,
)
from sessionstream_codegen.scaffolding.stubs import StubFile
from sessionstream_codegen.scaffolding.symbols import RUNTIME, STANDARD, Symbol


def new_source(stub: StubFile, folder: Path, is_first_party: Callable[[str], bool]) -> str:
    """Returns the text of a file that is not there yet, for this folder.

    Raises:
        ValueError: No import statement reaches a module from there.
    """
    imported = frozenset[str]().union(*(cls.imported for cls in stub.classes))
    symbols = {key: stub.symbols[key] for key in sorted(imported)}
    named = {key: symbol.local_name for key, symbol in symbols.items()}
    return "\n\n".join(
        [
            f'"""{stub.comment}"""',
            "from __future__ import annotations",
            *_import_sections(symbols.values(), folder, is_first_party),
            "\n" + "\n\n\n".join(cls.code(named) for cls in stub.classes) + "\n",
        ]
    )


def _import_sections(
    symbols: Iterable[Symbol], folder: Path, is_first_party: Callable[[str], bool]
) -> Iterator[str]:
    """Yields the imports as isort and ruff divide them."""
    modules: dict[str, list[str]] = {}
    for symbol in sorted(symbols, key=lambda symbol: symbol.name):
        names = modules.setdefault(_module(symbol, folder), [])
        names.append(imported_as(symbol, symbol.local_name))
    sections: dict[int, list[str]] = {}
    for module, names in sorted(modules.items()):
        # A name that is changed has a statement of its own.
        groups = [[name] for name in names if " as " in name]
        groups.append([name for name in names if " as " not in name])
        for group in filter(None, groups):
            top = (module or group[0]).partition(" ")[0].partition(".")[0]
            section = 0 if module in STANDARD else 1 + is_first_party(top) if top else 3
            sections.setdefault(section, []).extend(statement_lines(module, group))
    for _, lines in sorted(sections.items()):
        # `import x` stands before `from x import y`.
        yield "\n".join(sorted(lines, key=lambda line: line.startswith("from ")))


def _module(symbol: Symbol, folder: Path) -> str:
    if symbol.module in RUNTIME:
        return symbol.module
    return module_in(reached_package(symbol.package, folder), symbol)
