"""``sessionstream explain``."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.doc import Entry, entries

_TOPICS = {"diagnostics", "lint"}


class Explain(CLICommand):
    """Prints what a diagnostic's code means."""

    name = "explain"
    help = "prints what the code of a diagnostic means, and what to do about it"
    description = """\
Prints what a code of the generator or the linter means, an example and the fix.
Without a code it lists all of them."""
    examples = """\
  sessionstream explain SS302
  sessionstream explain SV101
  sessionstream explain"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes a code, or none."""
        parser.add_argument("code", nargs="?", metavar="CODE", help="as in [SS302]")

    def run(self, parsed: argparse.Namespace) -> int:
        """Prints the entry, or the list of codes with their titles."""
        known = {entry.slug: entry for entry in entries() if _TOPICS.intersection(entry.topics)}
        if parsed.code is None:
            lines = (f"{entry.slug}  {entry.title}\n" for entry in known.values())
            sys.stdout.write("".join(lines))
            return 0
        entry = _entry(parsed.code, known)
        sys.stdout.write(f"# {entry.slug}: {entry.title}\n\n{entry.text}")
        return 0


def _entry(asked: str, known: dict[str, Entry]) -> Entry:
    """Returns the entry of a code, which may be in small letters, in brackets or a number.

    A number is one of the generator's.
    """
    code = asked.strip("[]").upper()
    code = f"SS{code}" if code.isdecimal() else code
    if code in known:
        return known[code]
    near = _begun(code, known) or difflib.get_close_matches(code, known, n=4, cutoff=0.75)
    *others, last = sorted(near) or [""]
    choice = f"{', '.join(others)} or {last}" if others else last
    hint = f"did you mean {choice}?" if choice else "sessionstream explain lists all of them"
    raise CommandError(f"{asked} is not the code of a diagnostic; {hint}")


def _begun(code: str, known: Iterable[str]) -> list[str]:
    """Returns the codes that begin like this one: those of a group, SS3 or SS3xx."""
    begun = code.rstrip("X")
    return [slug for slug in known if slug.startswith(begun) and len(begun) > len("SS")]
