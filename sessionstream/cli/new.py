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

The folder is not there yet, or holds nothing but dot files: `git init` may come
first. No file is overwritten. The package is named after the folder."""
    examples = """\
  sessionstream new groceries
  git init groceries && sessionstream new groceries
  sessionstream new 2048-game --package game"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the folder, and a name for the package."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="where the project goes")
        parser.add_argument(
            "--package",
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
            steps.insert(0, _change_to(parsed.folder))
        sys.stdout.write(f"wrote {parsed.folder} with the package {package}; now:\n\n")
        sys.stdout.writelines(f"    {step}\n" for step in steps)
        return 0


def _change_to(folder: Path) -> str:
    """Returns the command; ``cd -y`` would take the folder for an option."""
    name = str(folder)
    return f"cd {quote(f'./{name}' if name.startswith('-') else name)}"
