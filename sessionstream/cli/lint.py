"""``sessionstream lint``."""

from __future__ import annotations

import argparse
import sys

from sessionstream.cli.command import CLICommand
from sessionstream.cli.progress import waiting
from sessionstream.lint import command


class Lint(CLICommand):
    """Looks for mistakes that a type checker lets pass."""

    name = "lint"
    help = "looks for mistakes in the use of sessionstream that a type checker lets pass"
    description = command.DESCRIPTION
    examples = command.EXAMPLES

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes files and folders, and what to tell of them."""
        command.add_arguments(parser)

    def run(self, parsed: argparse.Namespace) -> int:
        """Lints; returns 2 where nothing could be checked, as ``sessionstream-lint`` does."""
        try:
            return command.run(parsed, waiting("checking types; the first run takes longest"))
        except command.UsageError as error:
            sys.stderr.write(f"sessionstream: {error}\n")
            return 2
