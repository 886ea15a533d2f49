"""``sessionstream inspect``: a store's file, looked into, moved and mended."""

from __future__ import annotations

import argparse
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.inspect.arguments import add_json
from sessionstream.cli.inspect.listing import LISTINGS, Sessions
from sessionstream.cli.inspect.repairing import Rebuild, Retry
from sessionstream.cli.inspect.transferring import Export, Import
from sessionstream.cli.inspect.verifying import Verify
from sessionstream.errors import SessionStreamError

_ACTIONS: tuple[CLICommand, ...] = (*LISTINGS, Verify(), Export(), Import(), Rebuild(), Retry())


class Inspect(CLICommand):
    """Reads a store's file, also while a server owns it; three actions change one."""

    name = "inspect"
    help = "shows what a SQLite store holds, checks it, moves sessions and mends timelines"
    description = """\
Reads a SQLite store, also while a server owns it: its sessions, where no
action is named. Nothing is changed or left beside the file, but by import,
rebuild and retry, which need a store that no server has open."""
    examples = """\
  sessionstream inspect app.db
  sessionstream inspect app.db events s-1 --follow --schema app.v1.chat_sessionstream
  sessionstream inspect app.db verify --app app.app:install
  sessionstream inspect app.db export s-1 > s-1.jsonl
  sessionstream inspect other.db import < s-1.jsonl
  sessionstream inspect app.db rebuild --app app.app:install"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the file, and what to do with it."""
        parser.add_argument("db", type=Path, metavar="DB", help="the store's file")
        add_json(parser)
        parser.set_defaults(action=Sessions(), json=False)
        actions = parser.add_subparsers(metavar="ACTION", title="actions")
        for action in _ACTIONS:
            own = actions.add_parser(
                action.name,
                help=action.help,
                description=action.description or f"{action.help[0].upper()}{action.help[1:]}.",
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            own.set_defaults(action=action)
            action.add_arguments(own)

    def run(self, parsed: argparse.Namespace) -> int:
        """Does it; 1 where `verify` found something, or something could not be mended."""
        action: CLICommand = parsed.action
        try:
            return action.run(parsed)
        except SessionStreamError as error:
            raise CommandError(str(error)) from error
