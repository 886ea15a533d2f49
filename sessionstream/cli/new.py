"""``sessionstream new``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from shlex import quote

from sessionstream.cli.command import CLICommand, CommandError, generator_module


class New(CLICommand):
    """Writes a new project."""

    name = "new"
    help = "writes a small project that runs at once"
    description = """\
Writes a small project that is complete: a checklist in the browser that several
people keep at the same time. It has annotated messages, handlers, projections,
a page, tests, a Makefile and what CI needs. It is meant to be read, and changed.

The folder must be empty, or not there yet. The package is named after it."""
    examples = """\
  sessionstream new groceries
  sessionstream new 2048-game --package game"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the folder, and a name for the package."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="where the project goes")
        parser.add_argument(
            "--package",
            default="",
            metavar="NAME",
            help="the name of its package (default: after DIR)",
        )

    def run(self, parsed: argparse.Namespace) -> int:
        """Writes, and says what to do next."""
        project = generator_module("project", self.name)
        try:
            package = project.NewProject(folder=parsed.folder, package=parsed.package).write()
        except project.ProjectError as error:
            raise CommandError(str(error)) from error
        steps = ["make dev     # installs what it needs and prints the page's URL", "make test"]
        if parsed.folder.resolve() != Path.cwd():
            steps.insert(0, f"cd {quote(str(parsed.folder))}")
        sys.stdout.write(f"wrote {parsed.folder} with the package {package}; now:\n\n")
        sys.stdout.writelines(f"    {step}\n" for step in steps)
        return 0
