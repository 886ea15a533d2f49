"""``sessionstream inspect DB verify``."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from sessionstream.cli.command import CLICommand
from sessionstream.cli.inspect.arguments import add_json
from sessionstream.cli.inspect.loading import add_app, add_schemas, application, payload_texts
from sessionstream.cli.inspect.rows import shown, write_json
from sessionstream.cli.progress import Progress
from sessionstream.inspecting import folds, readability
from sessionstream.inspecting.application import Install
from sessionstream.inspecting.checks import CheckResult, check_file
from sessionstream.inspecting.file import reading
from sessionstream.inspecting.payloads import PayloadTexts
from sessionstream.inspecting.readability import check_payloads


class Verify(CLICommand):
    """Holds a file against what the runtime promises of it."""

    name = "verify"
    help = "checks every promise that can be checked on disk"
    description = """\
Checks what the runtime promises of a file, one line for each check and one for
each place where it does not hold. With --schema it also decodes every payload;
with --app it folds every log anew, in a copy, and compares the timelines. A
check that can't be made is named as open. Ends with 1 where something is wrong."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes what knows the types, and the form."""
        add_schemas(parser)
        add_app(parser, required=False)
        add_json(parser)

    def run(self, parsed: argparse.Namespace) -> int:
        """Checks; 1 where a promise does not hold."""
        return asyncio.run(_verify(parsed))


async def _verify(parsed: argparse.Namespace) -> int:
    status = 0
    # First what may be wrong with the options: the checks can take their time.
    install = None if parsed.app is None else application(parsed.app)
    texts = payload_texts(parsed.schemas) if parsed.schemas else None
    with reading(parsed.db, damaged=True) as db:
        async for result in _results(db, install, texts):
            status = 1 if result.violations else status
            if parsed.json:
                write_json(_as_json(result))
            else:
                _write(result, parsed.db)
            sys.stdout.flush()
    return status


async def _results(
    db: sqlite3.Connection, install: Install | None, texts: PayloadTexts | None
) -> AsyncIterator[CheckResult]:
    for result in check_file(db):
        yield result
    if install is None:
        if texts is not None:
            yield check_payloads(db, texts)
        else:
            yield CheckResult("P6", f"{readability.TITLE}: needs --schema or --app", None)
        yield CheckResult("P2", f"{folds.TITLE}: needs --app", None)
        return
    with Progress() as progress:
        seen = lambda count: progress.show(f"{count} sessions folded")  # noqa: E731
        async for result in folds.check_with_application(db, install, seen):
            progress.clear()
            yield result


def _write(result: CheckResult, path: Path) -> None:
    if result.looked_at is None:
        sys.stdout.write(f"open  {result.promise:4}  {result.title}\n")
        return
    word = "FAIL" if result.violations else "ok"
    sys.stdout.write(f"{word:4}  {result.promise:4}  {result.title}: {result.looked_at}\n")
    for violation in result.violations:
        of = path if violation.session_id is None else f"session {violation.session_id!r}"
        sys.stdout.write(f"      {of}: {shown(violation.wrong)}\n")


def _as_json(result: CheckResult) -> dict[str, object]:
    found = [{"session": each.session_id, "wrong": each.wrong} for each in result.violations]
    holds = None if result.looked_at is None else not found
    return {
        "promise": result.promise,
        "check": result.title,
        "holds": holds,
        "looked_at": result.looked_at,
        "violations": found,
    }
