"""What a target of the plugin is: the parameter ``target`` chooses one."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.parameters import Parameters

# What could end the mark, or the comment that it stands in.
_UNSAFE = re.compile(r"[^\w ,./-]|--")


MARK_EXPLAINED = (
    "The next line only makes buf fail where it would make this file from one folder of several."
)
"""What stands above the mark of a run, for those who read the file."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A generated file; ``path`` is relative to the output directory.

    One that covers the whole run has in it, in a comment, `insertion_point` of
    its ``run_mark``, below `MARK_EXPLAINED`.
    """

    path: str
    content: str
    run_mark: str = ""


def run_mark(run: Run) -> str:
    """Returns the name of the insertion point that a file over the whole run must hold.

    buf calls the plugin once per directory unless told otherwise, and drops
    all but the first of the files of one name. A response that inserts into
    its own file, at a point that only its own file has, turns that into an
    error which shows this text (insertion points: plugin.proto).
    """
    # Files without roles are left out: the bytes are the same with and without them in the run.
    paths = [file.path for file in run.targets() if file.has_roles]
    folders = sorted({path.rpartition("/")[0] or "." for path in paths})
    shown = ", ".join(folders[:3]) + (" and more" if len(folders) > 3 else "")
    listed = _UNSAFE.sub("_", shown)
    return f"set strategy: all in buf.gen.yaml, since this call of the plugin had only {listed}"


def insertion_point(name: str) -> str:
    """Returns the text that marks an insertion point."""
    return f"@@protoc_insertion_point({name})"


class Target(ABC):
    """Turns a run into files: the modules of a language, or pages about it.

    What every target refuses is in `rules`; one refuses more only where it has to.
    """

    suffix: str
    """How the names of its files end."""

    def check(self, file: FileDecl, run: Run) -> Iterator[Diagnostic]:
        """Yields what can't be expressed of a file."""
        yield from ()

    def check_run(self, run: Run, parameters: Parameters) -> Iterator[Diagnostic]:
        """Yields what can't be expressed of the run as a whole."""
        yield from ()

    @abstractmethod
    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields the files of a run that has no errors."""
