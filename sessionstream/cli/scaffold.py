"""``sessionstream scaffold``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError, add_includes, generator_module


class Scaffold(CLICommand):
    """Writes the files that a user fills in."""

    name = "scaffold"
    help = "writes the handlers and projections that a .proto file asks for"
    description = """\
Writes handlers.py and projections.py: a class for each that the generated
module of a .proto file leaves open, with a method per command or event.

A class that derives from a generated one stays where it is, in any Python
file of the folder but tests. New classes of the first .proto file go to
handlers.py and projections.py; those of another one to files that begin with
its name, as in billing_handlers.py. How many are named makes no difference.

A projection copies what agrees: an event that has the key of an entity writes
its fields into the entity's fields of the same names and types, and one that
fills a UI event shows it. One that has only some fields of the entity, and no
name like ItemAdded, passes over an entity that is not there, if another event
makes it. What else is to happen is yours to write: such a method raises
NotImplementedError, and is named in the end.

Nothing is overwritten or removed. In a file that exists, what is missing is
named; --add-missing appends it to every class that derives from a generated
one, with the imports that it needs, and changes nothing else."""
    examples = """\
  sessionstream scaffold chat/v1/chat.proto --out chat
  sessionstream scaffold -I proto proto --out src/chat --add-missing"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes .proto files, or folders of them, and where the code goes."""
        parser.add_argument(
            "protos",
            nargs="+",
            metavar="PROTO",
            help="a .proto file, or a folder of them, below one of the -I directories",
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="where the files go"
        )
        add_includes(parser)
        parser.add_argument(
            "--add-missing",
            action="store_true",
            help="append missing methods and classes to files that exist",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say and show what would be done, only"
        )

    def run(self, parsed: argparse.Namespace) -> int:
        """Writes, and says what it wrote."""
        scaffold = generator_module("scaffold", self.name)
        work = scaffold.Scaffold(
            protos=parsed.protos,
            out=parsed.out,
            includes=parsed.includes or [Path()],
            add_missing=parsed.add_missing,
            dry_run=parsed.dry_run,
            warn=_warn,
        )
        try:
            for line in work.run():
                sys.stdout.write(f"{line}\n")
        except scaffold.ScaffoldError as error:
            raise CommandError(str(error)) from error
        return 0


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")
