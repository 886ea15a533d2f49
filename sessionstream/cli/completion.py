"""``sessionstream completion``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError
from sessionstream.doc import entries

_SHELLS = ("bash", "zsh", "fish", "tcsh")


class Completion(CLICommand):
    """Writes what lets a shell complete the command."""

    name = "completion"
    help = "prints what lets a shell complete commands, options, files and pages"
    description = "Prints a script for a shell; load it where the shell starts."
    examples = """\
  source <(sessionstream completion bash)          # in ~/.bashrc
  sessionstream completion zsh > ~/.zfunc/_sessionstream
  sessionstream completion fish | source           # in ~/.config/fish/config.fish"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the shell."""
        parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=", ".join(_SHELLS))

    def run(self, parsed: argparse.Namespace) -> int:
        """Prints the script."""
        try:
            import shtab
        except ModuleNotFoundError as error:
            raise CommandError(
                'completion needs shtab; run: pip install "sessionstream[cli]"'
            ) from error
        whole: argparse.ArgumentParser = parsed.whole
        slugs = [entry.slug for entry in entries()]
        for action in _actions(whole):
            if action.type is Path:
                vars(action)["complete"] = shtab.FILE
            elif action.dest in ("entry", "code"):
                action.choices = [slug for slug in slugs if action.dest == _kind(slug)]
        sys.stdout.write(shtab.complete(whole, shell=parsed.shell))
        return 0


def _kind(slug: str) -> str:
    """Whether a page is read with ``help``, or is that of a code, for ``explain``."""
    return "entry" if slug.startswith("sessionstream-") else "code"


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yields the arguments of a parser and of all below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
