"""What a language has to offer to be generated for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import FileDecl, Run


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A generated file; ``path`` is relative to the output directory."""

    path: str
    content: str


class Target(ABC):
    """Turns .proto files into the modules of one language."""

    @abstractmethod
    def check(self, file: FileDecl, run: Run) -> Iterator[Diagnostic]:
        """Yields what the language can't express; rules of every language are in `rules`."""

    @abstractmethod
    def render(self, file: FileDecl, run: Run) -> OutputFile:
        """Returns the module of a file that has roles and no diagnostics."""
