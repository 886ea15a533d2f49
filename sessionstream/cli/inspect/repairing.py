"""The actions of ``sessionstream inspect`` that mend timelines."""

from __future__ import annotations

import argparse
import asyncio
import sys
from abc import abstractmethod

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.cli.inspect.arguments import add_json
from sessionstream.cli.inspect.loading import add_app, application
from sessionstream.cli.inspect.rows import shown, write_json
from sessionstream.cli.progress import Progress
from sessionstream.hub import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.inspecting.application import installed
from sessionstream.inspecting.repairs import Rebuilt, Retried, rebuilt, retried
from sessionstream.projection import ProjectionPolicies, ProjectionPolicy


class _Repair(CLICommand):
    """Opens the store as its application does."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the application, and sessions."""
        parser.add_argument("sessions", nargs="*", metavar="SESSION", help="only of these sessions")
        add_app(parser, required=True)
        parser.add_argument(
            "--policy",
            choices=[policy.value for policy in ProjectionPolicy],
            default=ProjectionPolicy.FAIL.value,
            help="what the application does with a projection that fails (default: %(default)s)",
        )
        add_json(parser)

    def run(self, parsed: argparse.Namespace) -> int:
        """Mends; 1 where something is still wrong."""
        return asyncio.run(self._run(parsed))

    async def _run(self, parsed: argparse.Namespace) -> int:
        policy = ProjectionPolicy(parsed.policy)
        policies = ProjectionPolicies(ui=policy, timeline=policy)
        with Progress() as progress:
            install = application(parsed.app)
            async with installed(parsed.db, install, policies) as (hub, store):
                for session in parsed.sessions:
                    if not (await store.cursors(session)).epoch:
                        raise CommandError(f"{parsed.db} has no session {session!r}")
                return await self.mend(hub, store, parsed, progress)

    @abstractmethod
    async def mend(
        self, hub: Hub, store: SQLiteStore, parsed: argparse.Namespace, progress: Progress
    ) -> int:
        """Mends what was asked for, and says what became of it."""


class Rebuild(_Repair):
    """Folds logs anew."""

    name = "rebuild"
    help = "folds logs anew with the application's projections, and replaces their timelines"
    description = """\
Folds the logs of sessions anew, those of all where none is named, with the
projections of the application, and replaces their timelines. A session whose
projection fails keeps its timeline, and the others go on. So does one that has
events which the application can't read, or whose timeline was made by a
projection that it does not install: the new one would lack what came of them.
The store must not be open elsewhere."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes whether something may be lost, too."""
        super().add_arguments(parser)
        parser.add_argument(
            "--force",
            action="store_true",
            help="rebuild also what loses events or projections that the application lacks",
        )

    async def mend(
        self, hub: Hub, store: SQLiteStore, parsed: argparse.Namespace, progress: Progress
    ) -> int:
        """Rebuilds; 1 where a session kept its old timeline."""
        status = 0

        def show(session: str, at: int, head: int) -> None:
            progress.show(f"{session!r}: {at} of {head}")

        async for done in rebuilt(hub, store, parsed.sessions, show, force=parsed.force):
            progress.clear()
            status = 1 if done.error else status
            _write(_rebuilt_text(done), _rebuilt_row(done), as_json=parsed.json)
        return status


class Retry(_Repair):
    """Runs what failed again."""

    name = "retry"
    help = "runs what failed again, and resolves the records of what has passed"
    description = """\
Runs the projections of open error records again, the oldest first, of all
sessions where none is named. The store must not be open elsewhere. Ends with 1
where a record stays open."""

    async def mend(
        self, hub: Hub, store: SQLiteStore, parsed: argparse.Namespace, progress: Progress
    ) -> int:
        """Retries; 1 where a record stays open."""
        status = count = 0
        async for done in retried(hub, store, parsed.sessions):
            progress.clear()
            status = status if done.resolved else 1
            _write(_retried_text(done), _retried_row(done), as_json=parsed.json)
            count += 1
            progress.show(f"{count} records")
        if not count and not parsed.json:
            sys.stdout.write("nothing is open\n")
        return status


def _write(text: str, row: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        write_json(row)
    else:
        sys.stdout.write(f"{shown(text)}\n")
    sys.stdout.flush()


def _rebuilt_text(done: Rebuilt) -> str:
    if done.error:
        at = "" if done.timeline is None else f" at {done.timeline}"
        return f"failed   {done.session_id!r} stays{at}: {done.error}"
    return f"rebuilt  {done.session_id!r} at {done.timeline}"


def _rebuilt_row(done: Rebuilt) -> dict[str, object]:
    return {
        "session": done.session_id,
        "timeline": done.timeline,
        "rebuilt": not done.error,
        "error": done.error or None,
    }


def _retried_text(done: Retried) -> str:
    record = done.record
    where = f"{record.session_id!r} {record.source.value} {record.ordinal} ({record.name})"
    if done.resolved:
        return f"resolved  {where}"
    return f"open      {where}: {done.error or 'it went on without the event once more'}"


def _retried_row(done: Retried) -> dict[str, object]:
    record = done.record
    return {
        "session": record.session_id,
        "source": record.source.value,
        "ordinal": record.ordinal,
        "name": record.name,
        "resolved": done.resolved,
        "error": done.error or None,
    }
