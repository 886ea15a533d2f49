"""The actions of ``sessionstream inspect`` that move sessions between files."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.inspect.loading import add_schemas, payload_texts
from sessionstream.inspecting.exporting import exported
from sessionstream.inspecting.file import check_there, reading
from sessionstream.inspecting.importing import import_sessions
from sessionstream.inspecting.listings import Listings


class Export(CLICommand):
    """Writes sessions as JSON lines."""

    name = "export"
    help = "writes sessions as JSON lines, all that the file has of them"
    description = """\
Writes sessions to stdout as JSON lines: the session's row with its cursors, then
its events, entities, UI events, records of commands and errors, then a line that
says how many there were. Payloads are base64 of the stored bytes; with --schema
their JSON stands beside them, for readers. All sessions are of one moment."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes sessions."""
        parser.add_argument("sessions", nargs="*", metavar="SESSION", help="the sessions' ids")
        parser.add_argument("--all", action="store_true", help="every session of the file")
        add_schemas(parser)
        parser.set_defaults(refuse=parser.error, json=True)

    def run(self, parsed: argparse.Namespace) -> int:
        """Writes them."""
        if parsed.all == bool(parsed.sessions):
            parsed.refuse("name sessions, or give --all")
        texts = payload_texts(parsed.schemas)
        with reading(parsed.db) as db:
            listings = Listings(db, texts)
            for session in parsed.sessions:
                if listings.epoch(session) is None:
                    raise CommandError(f"{parsed.db} has no session {session!r}")
            named = list(dict.fromkeys(parsed.sessions))
            chosen = named or [str(row["session"]) for row in listings.cursors(None)]
            for session in chosen:
                for line in exported(db, session, texts):
                    sys.stdout.write(f"{line}\n")
        return 0


class Import(CLICommand):
    """Reads sessions that were exported."""

    name = "import"
    help = "stores exported sessions from stdin: all of them, or none"
    description = """\
Reads what export wrote from stdin, and stores it in a file that no server has
open: all of the sessions, or none. They begin a new epoch, so that clients that
know the originals get a snapshot; all else is as it was. A session that is there
already is refused, and so is one whose rows break a promise of the store."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes another name."""
        parser.add_argument("--as", dest="name", metavar="ID", help="another id for the session")
        parser.add_argument(
            "--create", action="store_true", help="makes the store if it is not there"
        )

    def run(self, parsed: argparse.Namespace) -> int:
        """Stores them."""
        path: Path = parsed.db
        is_new = not path.exists() or (path.is_file() and not path.stat().st_size)
        if not is_new:
            check_there(path)  # nothing is put beside a file that is no store
        elif not parsed.create:
            raise CommandError(f"{path}: no store yet; --create makes it")
        stored: list[str] = []
        try:
            stored = asyncio.run(import_sessions(path, _lines(), parsed.name))
        finally:
            if is_new and not stored:
                path.unlink(missing_ok=True)
        if not stored:
            raise CommandError("stdin holds no exported session")
        for session in stored:
            sys.stdout.write(f"imported {session!r}\n")
        return 0


def _lines() -> Iterator[str]:
    if isinstance(sys.stdin, io.TextIOWrapper):
        # What is no UTF-8 becomes what no id and no text may hold, and is refused by its line.
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    yield from sys.stdin
