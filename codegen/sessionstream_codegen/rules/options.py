"""Rules about the options themselves."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen import options
from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import FileDecl, Run


def check_extensions(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS003: an extension under our number would be read as ours."""
    for name, position in file.foreign_extensions:
        yield Diagnostic(
            position,
            "SS003",
            f"the extension {name} has the number {options.EXTENSION_NUMBER}, which belongs to "
            f"{options.PACKAGE}; give it another number",
        )
