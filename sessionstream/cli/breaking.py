"""``sessionstream breaking``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError, generator_module

_LOCK = "sessionstream.lock.json"


class Breaking(CLICommand):
    """Says what a change of the schema breaks."""

    name = "breaking"
    help = "says what a change of the schema breaks: stored sessions, connected clients"
    description = f"""\
Compares {_LOCK} with the one of another commit or file, and names
what would break sessions that are stored or clients that are connected: each
with its code, the reason and the remedy. Errors make the exit status 1.

The lock file is written by protoc-gen-sessionstream (opt: target=lock);
run sessionstream check first, since a lock file that is not current hides
what breaks. It holds names, roles, keys and the messages of payloads. Fields
in payloads are left to buf breaking.

At a commit that has no lock file yet there is nothing to compare with: that
is said, and no error. COMMIT:PATH, as git writes it, names one that has been
moved since. A file wins over a branch of the same name.

A break that is meant is let through with --allow, by its code and name. It is
still named, and an --allow that lets nothing through is told of."""
    examples = """\
  sessionstream breaking --against origin/main
  sessionstream breaking --against "$(git merge-base origin/main HEAD)"
  sessionstream breaking --against v1.2 --lock backend/sessionstream.lock.json --strict
  sessionstream breaking --against origin/main --allow SS501:ChatOpened --allow SS533:ChatNote
  sessionstream breaking --against released/sessionstream.lock.json --json"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes what to compare, and how to say it."""
        parser.add_argument(
            "--against",
            required=True,
            metavar="FILE-OR-COMMIT",
            help="the lock file to compare with, or a branch, tag or commit that has it",
        )
        parser.add_argument(
            "--lock",
            type=Path,
            default=Path(_LOCK),
            metavar="FILE",
            help=f"the lock file as it is now (default: {_LOCK})",
        )
        parser.add_argument(
            "--allow",
            dest="allowed",
            action="append",
            default=[],
            metavar="CODE:NAME",
            help="let this break through, as SS501:ChatOpened; may be repeated",
        )
        parser.add_argument("--strict", action="store_true", help="let warnings fail, too")
        parser.add_argument("--json", action="store_true", help="write the findings as JSON")

    def run(self, parsed: argparse.Namespace) -> int:
        """Compares, and says what it found."""
        breaking = generator_module("breaking", self.name)
        try:
            allowed = breaking.allowances(parsed.allowed)
            new = breaking.load_current(parsed.lock)
            old = breaking.load_other(parsed.against, parsed.lock)
        except breaking.BreakingError as error:
            raise CommandError(str(error)) from error
        if old is None:
            sys.stderr.write(
                f"{parsed.against} has no {parsed.lock.name} yet: nothing to compare with\n"
            )
        judged = breaking.judged(old, new, allowed)
        for unused in judged.unused:
            sys.stderr.write(f"--allow {unused} lets nothing through; leave it out\n")
        if parsed.json:
            head = {"against": parsed.against, "compared": old is not None}
            outcome = {**head, **judged.fields()}
            sys.stdout.write(json.dumps(outcome, indent=2, ensure_ascii=False) + "\n")
        elif old is not None:
            sys.stdout.write("".join(f"{found.allowed()}\n" for found in judged.allowed))
            sys.stdout.write("".join(f"{found}\n" for found in judged.findings))
            counts = (judged.errors, judged.warnings, len(judged.allowed))
            sys.stdout.write(f"{_summary(*counts, parsed.against)}\n")
        return 1 if judged.errors or (parsed.strict and judged.warnings) else 0


def _summary(errors: int, warnings: int, allowed: int, against: str) -> str:
    meant = f", {allowed} allowed" if allowed else ""
    if not errors and not warnings:
        return f"nothing {'else ' if allowed else ''}breaks{meant}, compared with {against}"
    counts = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}{meant}"
    return f"{counts}, compared with {against}; sessionstream explain CODE says more"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
