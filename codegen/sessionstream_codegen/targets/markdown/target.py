"""The Markdown target: a catalogue of the run's commands, events, UI events and entities."""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic
from sessionstream_codegen.model import Run
from sessionstream_codegen.parameters import Parameters
from sessionstream_codegen.rules.wire_names import check_one_registry
from sessionstream_codegen.targets.base import (
    MARK_EXPLAINED,
    OutputFile,
    Target,
    insertion_point,
    run_mark,
)
from sessionstream_codegen.targets.header import generated_by
from sessionstream_codegen.targets.markdown.page import page

FILE_NAME = "CATALOGUE"
"""The page of a run without ``app``; with ``app=acme/desk`` it is ``acme/desk.md``."""


class MarkdownTarget(Target):
    """Writes one page for the files of a run."""

    suffix = ".md"

    def check_run(self, run: Run, parameters: Parameters) -> Iterator[Diagnostic]:
        """Yields the names that two files of one app claim."""
        if parameters.app:
            yield from check_one_registry(run)

    def render(self, run: Run, parameters: Parameters) -> Iterator[OutputFile]:
        """Yields the page; none where no file has roles."""
        if any(file.has_roles for file in run.targets()):
            mark = run_mark(run)
            # The mark stands where it keeps nobody from reading.
            marked = f"{_hidden(MARK_EXPLAINED)}\n{_hidden(insertion_point(mark))}"
            blocks = [_hidden(generated_by(parameters)), *page(run, parameters.app), marked]
            path = f"{parameters.app or FILE_NAME}.md"
            yield OutputFile(path, "\n\n".join(blocks) + "\n", mark)


def _hidden(line: str) -> str:
    return f"<!-- {line} -->"
