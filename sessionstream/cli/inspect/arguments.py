"""Arguments that several actions of ``sessionstream inspect`` take."""

from __future__ import annotations

import argparse


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declares ``--json``."""
    # It may stand before the action, too.
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object a line"
    )


def add_session(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declares the session."""
    parser.add_argument(
        "session",
        metavar="SESSION",
        nargs=None if required else "?",
        help="the session's id" if required else "only of this session",
    )
