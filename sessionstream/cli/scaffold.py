"""``sessionstream scaffold``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError, generator_module


class Scaffold(CLICommand):
    """Writes the files that a user fills in."""

    name = "scaffold"
    help = "writes the handlers and projections that a .proto file asks for"
    description = """\
Writes handlers.py and projections.py: a class for each that a generated
module leaves open, with a method per command or event. With several .proto
files the files begin with their names: chat_handlers.py.

Nothing is overwritten. In a file that exists, methods that are missing are
named, and appended to the class with --add-missing."""
    examples = """\
  sessionstream scaffold chat/v1/chat.proto --out chat
  sessionstream scaffold -I proto proto/chat/v1/chat.proto --out src/chat --add-missing"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes .proto files and where the code goes."""
        parser.add_argument(
            "protos",
            nargs="+",
            metavar="PROTO",
            help="a .proto file, below one of the -I directories",
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="where the files go"
        )
        parser.add_argument(
            "-I",
            "--proto_path",
            dest="includes",
            action="append",
            type=Path,
            metavar="DIR",
            help="where protoc finds .proto files; may be repeated (default: here)",
        )
        parser.add_argument(
            "--add-missing",
            action="store_true",
            help="append missing methods to the classes of existing files",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, only")

    def run(self, parsed: argparse.Namespace) -> int:
        """Writes, and says what it wrote."""
        scaffold = generator_module("scaffold", self.name)
        work = scaffold.Scaffold(
            protos=parsed.protos,
            out=parsed.out,
            includes=parsed.includes or [Path()],
            add_missing=parsed.add_missing,
            dry_run=parsed.dry_run,
        )
        try:
            for line in work.run():
                sys.stdout.write(f"{line}\n")
        except scaffold.ScaffoldError as error:
            raise CommandError(str(error)) from error
        return 0
