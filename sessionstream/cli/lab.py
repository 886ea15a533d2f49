"""``sessionstream lab``."""

from __future__ import annotations

import argparse
import importlib
from types import ModuleType

from sessionstream.cli.command import CLICommand, CommandError


class Lab(CLICommand):
    """Serves the lab, an application of its own beside the runtime."""

    name = "lab"
    help = "serves a lab in the browser: the runtime taken apart, page by page"
    description = (
        "Serves pages to learn sessionstream with: each has a chapter to read, the real runtime"
        " to try it on, a trace of what that did, and checks of what it promises."
    )
    examples = "  sessionstream lab serve\n  sessionstream lab serve --addr :8091"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes an address."""
        commands = parser.add_subparsers(dest="lab_command", required=True, metavar="COMMAND")
        serving = commands.add_parser("serve", help="serves the lab's pages until Ctrl-C")
        serving.add_argument(
            "--addr",
            default=":8091",
            metavar="[HOST]:PORT",
            help="without a host only this computer can reach it; port 0 takes a free one"
            " (default: %(default)s)",
        )

    def run(self, parsed: argparse.Namespace) -> int:
        """Serves until Ctrl-C."""
        status: int = _lab().main(["serve", "--addr", parsed.addr], name="sessionstream lab")
        return status


def _lab() -> ModuleType:
    # By name: the runtime depends on no application.
    try:
        return importlib.import_module("systemlab.command")
    except ModuleNotFoundError as error:
        raise CommandError(
            f'the lab needs {error.name}; run: pip install "sessionstream[lab]"'
        ) from error
