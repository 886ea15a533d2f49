"""Parses the command line and runs a command."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from sessionstream.cli.breaking import Breaking
from sessionstream.cli.check import Check
from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.explain import Explain
from sessionstream.cli.help import Help
from sessionstream.cli.lab import Lab
from sessionstream.cli.lint import Lint
from sessionstream.cli.new import New
from sessionstream.cli.proto_path import ProtoPath
from sessionstream.cli.scaffold import Scaffold

COMMANDS: tuple[CLICommand, ...] = (
    New(),
    Scaffold(),
    Check(),
    Breaking(),
    Lint(),
    Explain(),
    Help(),
    Lab(),
    ProtoPath(),
)
"""In the order of ``--help``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status.

    0 after success, 1 where something is wrong that the command was asked
    about or has met (stderr says what), 2 where it was called wrongly.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the terminal can't show is written as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    parsed = _parser().parse_args(arguments)
    command = next(command for command in COMMANDS if command.name == parsed.command)
    try:
        return command.run(parsed)
    except (CommandError, OSError) as error:
        sys.stderr.write(f"sessionstream: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sessionstream",
        description="Tools for applications that are built on sessionstream.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_arguments(
            commands.add_parser(
                command.name,
                help=command.help,
                description=command.description,
                epilog=f"examples:\n{command.examples}" if command.examples else None,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser
