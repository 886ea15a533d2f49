"""The actions of ``sessionstream inspect`` that list what a file holds."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.inspect.arguments import add_json, add_session
from sessionstream.cli.inspect.loading import add_schemas, payload_texts
from sessionstream.cli.inspect.rows import write_row, write_rows
from sessionstream.errors import StoreError
from sessionstream.hydration.batch import MAX_ORDINAL
from sessionstream.inspecting.file import identity, reading
from sessionstream.inspecting.following import Page, follow
from sessionstream.inspecting.listings import Listings, Row
from sessionstream.records import ErrorSource

# How long `--follow` waits before it looks again, in seconds.
_PAUSE = 0.2


class _Listing(CLICommand):
    """Lists rows of one kind."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the form of the rows."""
        add_json(parser)

    def run(self, parsed: argparse.Namespace) -> int:
        """Lists them as they are at one moment."""
        texts = payload_texts(getattr(parsed, "schemas", []))
        with reading(parsed.db) as db:
            listings = Listings(db, texts)
            _check_session(listings, parsed)
            write_rows(self.rows(listings, parsed), as_json=parsed.json)
        return 0

    @abstractmethod
    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns the rows."""


class Sessions(_Listing):
    """Lists the sessions."""

    name = "sessions"
    help = "sessions with cursors, and how much there is of each"

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns one for each session."""
        return listings.sessions()


class Cursors(_Listing):
    """Lists cursors."""

    name = "cursors"
    help = "how far each session has come, and which projections made its timeline"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a session."""
        add_session(parser, required=False)
        add_json(parser)

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns one for each session, or one."""
        return listings.cursors(parsed.session)


class _OfSession(_Listing):
    """Lists rows of one session."""

    with_payloads = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a session."""
        add_session(parser)
        if self.with_payloads:
            add_schemas(parser)
        add_json(parser)


class Timeline(_OfSession):
    """Lists entities."""

    name = "timeline"
    help = "entities of a session, as stored"
    with_payloads = True

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns one for each entity; says where the stored timeline trails the log."""
        yield from listings.timeline(parsed.session)
        [cursors] = listings.cursors(parsed.session)
        if cursors["timeline"] != cursors["head"]:
            sys.stderr.write(
                f"stored as of event {cursors['timeline']} of {cursors['head']}: a server writes"
                " entities a little later, and folds what is missing when it opens the session;"
                " errors says where a projection failed\n"
            )


class Commands(_OfSession):
    """Lists records of commands."""

    name = "commands"
    help = "what became of a session's commands that clients may send again"

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns one for each command."""
        return listings.commands(parsed.session)


class Errors(_Listing):
    """Lists error records."""

    name = "errors"
    help = "what failed, the oldest first"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a session and a source."""
        add_session(parser, required=False)
        sources = [source.value for source in ErrorSource]
        parser.add_argument("--source", choices=sources, help="only what failed there")
        parser.add_argument("--all", action="store_true", help="those that are resolved as well")
        add_json(parser)

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns one for each record."""
        return listings.errors(parsed.session, parsed.source, resolved=parsed.all)


class _Log(_OfSession):
    """Lists what lies in the order of events, and can be followed."""

    with_payloads = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a session, a part of it, and whether to wait for more."""
        super().add_arguments(parser)
        parser.add_argument(
            "--after", type=_whole, default=0, metavar="ORDINAL", help="what comes after this event"
        )
        parser.add_argument(
            "--limit", type=_whole, default=-1, metavar="N", help="of this many events at most"
        )
        parser.add_argument(
            "-f",
            "--follow",
            action="store_true",
            help="goes on with what is committed, until Ctrl-C",
        )
        parser.set_defaults(refuse=parser.error)

    def run(self, parsed: argparse.Namespace) -> int:
        """Lists them, or follows until the session is deleted or the file replaced."""
        if parsed.follow and parsed.limit >= 0:
            parsed.refuse("--limit is for what is there; leave it out, or --follow")
        return self._follow(parsed) if parsed.follow else super().run(parsed)

    def _follow(self, parsed: argparse.Namespace) -> int:
        opened = identity(parsed.db)
        with _ending_in_order(), reading(parsed.db, one_moment=False) as db:
            listings = Listings(db, payload_texts(parsed.schemas))
            _check_session(listings, parsed)
            page = self.pages(listings, parsed.session)
            for row in follow(db, listings, parsed.session, page, parsed.after):
                if row is None:
                    if identity(parsed.db) != opened:
                        why = "it was moved or replaced meanwhile; follow what is there now anew"
                        raise StoreError(str(parsed.db), why)
                    time.sleep(_PAUSE)
                else:
                    write_row(row, as_json=parsed.json)
        return 0

    def rows(self, listings: Listings, parsed: argparse.Namespace) -> Iterator[Row]:
        """Returns those that were asked for."""
        return self.pages(listings, parsed.session)(parsed.after, parsed.limit)

    @abstractmethod
    def pages(self, listings: Listings, session: str) -> Page:
        """Returns what lists the rows after an ordinal."""


class Events(_Log):
    """Lists events."""

    name = "events"
    help = "events of a session; with --follow also those to come"

    def pages(self, listings: Listings, session: str) -> Page:
        """Lists events."""
        return lambda after, limit: listings.events(session, after, limit)


class UI(_Log):
    """Lists UI events."""

    name = "ui"
    help = "UI events that are kept for clients that return"

    def pages(self, listings: Listings, session: str) -> Page:
        """Lists UI events."""
        return lambda after, limit: listings.ui(session, after, limit)


LISTINGS = (Sessions(), Events(), Timeline(), UI(), Cursors(), Commands(), Errors())


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Lets SIGTERM end the block as an exception does, so that the file is closed."""

    def end(signum: int, frame: object) -> NoReturn:
        raise SystemExit(128 + signum)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _whole(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) <= MAX_ORDINAL:
        return int(text)
    raise argparse.ArgumentTypeError(f"it is a number from 0 to {MAX_ORDINAL}; got {text!r}")


def _check_session(listings: Listings, parsed: argparse.Namespace) -> None:
    session: str | None = getattr(parsed, "session", None)
    if session is not None and listings.epoch(session) is None:
        raise CommandError(f"{parsed.db} has no session {session!r}")
