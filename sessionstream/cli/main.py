"""Parses the command line and runs a command."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from sessionstream.cli.breaking import Breaking
from sessionstream.cli.check import Check
from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.completion import Completion
from sessionstream.cli.explain import Explain
from sessionstream.cli.gen import Gen
from sessionstream.cli.help import Help
from sessionstream.cli.inspect import Inspect
from sessionstream.cli.lab import Lab
from sessionstream.cli.lint import Lint
from sessionstream.cli.new import New
from sessionstream.cli.proto_path import ProtoPath
from sessionstream.cli.scaffold import Scaffold

COMMANDS: tuple[CLICommand, ...] = (
    New(),
    Gen(),
    Scaffold(),
    Check(),
    Breaking(),
    Lint(),
    Explain(),
    Help(),
    Inspect(),
    Lab(),
    ProtoPath(),
    Completion(),
)
"""In the order of ``--help``."""

# The exit status of what Ctrl-C has ended, as shells expect it: 128 and the number of SIGINT.
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status.

    0 after success, 1 where something is wrong that the command was asked
    about or has met (stderr says what), 2 where it was called wrongly, 130
    after Ctrl-C. A reader that has enough, as ``head``, is no error.
    """
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the terminal can't show is written as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        parsed = whole_parser().parse_args(arguments)
        if getattr(parsed, "json", False) and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as JSON has it, whatever the terminal has
        status = _run(parsed)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever reads stdout, as `head`, has enough. Python would flush it again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _open_what_is_closed() -> None:
    # A service may be started without them; what is written there is wanted by nobody.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _run(parsed: argparse.Namespace) -> int:
    command = next(command for command in COMMANDS if command.name == parsed.command)
    try:
        return command.run(parsed)
    except BrokenPipeError:
        raise
    except (CommandError, OSError) as error:
        sys.stderr.write(f"sessionstream: {error}\n")
        return 1


def whole_parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="sessionstream",
        description="Tools for applications that are built on sessionstream.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"sessionstream {version('sessionstream')}"
    )
    parser.set_defaults(whole=parser)
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
