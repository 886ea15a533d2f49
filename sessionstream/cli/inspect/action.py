"""What ``sessionstream inspect`` does with a file, one action each."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod


class Action(ABC):
    """An action: its name, what it says of itself, its arguments, what it does."""

    name: str
    """As it is typed."""

    help: str
    """One line: begins with a small letter, has no full stop."""

    description: str = ""
    """What ``--help`` says first, where ``help`` is not enough."""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the arguments."""

    @abstractmethod
    def run(self, parsed: argparse.Namespace) -> int:
        """Does the work on ``parsed.db``; returns the exit status.

        Raises:
            CommandError: The user has to put something right.
            SessionStreamError: The store can't be read or written.
        """


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declares ``--json``."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def add_session(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declares the session."""
    parser.add_argument(
        "session",
        metavar="SESSION",
        nargs=None if required else "?",
        help="the session's id" if required else "only of this session",
    )
