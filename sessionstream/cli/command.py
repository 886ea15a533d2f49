"""What a command of ``sessionstream`` is made of."""

from __future__ import annotations

import argparse
import importlib
from abc import ABC, abstractmethod
from pathlib import Path
from types import ModuleType


class CommandError(Exception):
    """What the user has to put right; the text says how."""


class CLICommand(ABC):
    """A command: its name, what it says of itself, its arguments, what it does."""

    name: str
    """As it is typed."""

    help: str
    """One line, in the list of commands: begins with a small letter, has no full stop."""

    description: str = ""
    """What ``--help`` says first, where ``help`` is not enough."""

    examples: str = ""
    """Command lines that work, one a line."""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the arguments."""

    @abstractmethod
    def run(self, parsed: argparse.Namespace) -> int:
        """Does the work; returns the exit status: 0, or 1 where it found something wrong.

        Raises:
            CommandError: The user has to put something right.
            OSError: A file can't be read or written.
        """


def add_includes(parser: argparse._ActionsContainer) -> None:
    """Declares ``-I``, as of protoc: ``includes`` has the directories, or is None."""
    parser.add_argument(
        "-I",
        "--proto_path",
        dest="includes",
        action="append",
        type=Path,
        metavar="DIR",
        help="where protoc finds .proto files; may be repeated (default: here)",
    )


def generator_module(name: str, command: str) -> ModuleType:
    """Imports a module of the generator by name: the runtime does not depend on it.

    Raises:
        CommandError: What it needs is not installed.
    """
    try:
        return importlib.import_module(f"sessionstream_codegen.{name}")
    except ModuleNotFoundError as error:
        raise CommandError(
            f'{command} needs {error.name}; run: pip install "sessionstream[codegen]"'
        ) from error
