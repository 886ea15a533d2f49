"""The text of a new file of the user's, with classes to fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sessionstream_codegen.targets.layout import LINE_LENGTH, Bracket, lay_out
from sessionstream_codegen.targets.python_stubs import StubClass, StubFile, Symbol


def new_source(stub: StubFile, is_first_party: Callable[[str], bool]) -> str:
    """Returns the text of a file that is not there yet."""
    imported = {"final"}
    for cls in stub.classes:
        imported.update({cls.base}, *(method.imported for method in cls.methods))
    if not any(cls.methods for cls in stub.classes):
        imported.discard("override")
    symbols = {name: stub.symbols[name] for name in sorted(imported)}
    named = {name: "pb" if name == "pb" else symbol.name for name, symbol in symbols.items()}
    return "\n\n".join(
        [
            f'"""{stub.comment}"""',
            "from __future__ import annotations",
            *_import_sections(symbols, is_first_party),
            "\n" + "\n\n\n".join(_class_code(cls, named) for cls in stub.classes) + "\n",
        ]
    )


def _class_code(cls: StubClass, named: Mapping[str, str]) -> str:
    head = lay_out(Bracket(f"class {cls.name}(", [named[cls.base]], "):"))
    body = [f'    """{cls.comment}"""', *(method.code(named) for method in cls.methods)]
    return f"@{named['final']}\n{head}\n" + "\n\n".join(body)


def _import_sections(
    symbols: Mapping[str, Symbol], is_first_party: Callable[[str], bool]
) -> Iterator[str]:
    """Yields the imports as isort and ruff divide them."""
    standard = {symbol.module for symbol in symbols.values()} & {"collections.abc", "typing"}
    lines: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for module in sorted({symbol.module for symbol in symbols.values()}):
        found = sorted({symbol.name for symbol in symbols.values() if symbol.module == module})
        package = (module or found[0]).partition(".")[0]
        section = 0 if module in standard else 1 + is_first_party(package)
        lines[section].extend(_statements(module, found, symbols.get("pb")))
    for section_lines in filter(None, lines.values()):
        # `import x` stands before `from x import y`.
        yield "\n".join(sorted(section_lines, key=lambda line: line.startswith("from ")))


def _statements(module: str, found: list[str], pb: Symbol | None) -> Iterator[str]:
    if pb is not None and pb.module == module and pb.name in found:
        yield f"{f'from {module} ' if module else ''}import {pb.name} as pb"
        found = [name for name in found if name != pb.name]
    if found:
        statement = f"from {module} import {', '.join(found)}"
        exploded = Bracket(f"from {module} import (", found, ")", exploded=True)
        yield statement if len(statement) <= LINE_LENGTH else lay_out(exploded)
