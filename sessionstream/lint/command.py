"""The arguments of the linter, and what it does with them, for both of its commands."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sessionstream.lint.findings import CODES
from sessionstream.lint.report import FORMATS
from sessionstream.lint.settings import Settings, SettingsError, checked, load

DESCRIPTION = f"""\
Looks for mistakes in the use of sessionstream that a type checker lets pass:
{chr(10).join(f"  {code}  {title}" for code, title in CODES.items())}
sessionstream explain CODE says more of each, with an example and the fix.

It needs mypy, reads the project's configuration of mypy, and judges by types.
# noqa: SV303 at a line suppresses a finding; [tool.sessionstream.lint] in
pyproject.toml has the settings select, ignore and per-file-ignores. In mypy's
own runs the same is found with plugins = ["sessionstream.lint.mypy_plugin"].

The exit status is 0 where nothing is found, 1 with findings, and 2 where
nothing could be checked."""

EXAMPLES = """\
  sessionstream lint .
  sessionstream lint app tests --ignore SV102
  sessionstream lint app --select SV1 --format json
  sessionstream lint app --format github"""

if TYPE_CHECKING:  # it needs mypy
    from sessionstream.lint.running import Linted


class UsageError(Exception):
    """Nothing could be checked; the text says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder with files"
    )
    parser.add_argument(
        "--select", metavar="CODES", help="report these only: SV101,SV3; instead of the settings"
    )
    parser.add_argument("--ignore", metavar="CODES", help="do not report these")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how findings are written (default: text)"
    )


def run(parsed: argparse.Namespace, waiting: AbstractContextManager[None] | None = None) -> int:
    """Lints and writes what is found; returns 0, or 1 with findings.

    ``waiting`` is entered while the work is done that takes long.

    Raises:
        UsageError: A path, a code, the settings or the installation are not in order.
    """
    try:
        settings = _settings(parsed.select, parsed.ignore)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    with nullcontext() if waiting is None else waiting:
        linted = _lint(parsed.paths)
    sys.stderr.writelines(f"{missing}\n" for missing in linted.missing)
    findings = [one for one in linted.findings if settings.reports(one.path, one.code)]
    sys.stdout.write(FORMATS[parsed.format](findings))
    return 1 if findings else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``sessionstream-lint``; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="sessionstream-lint",
        description=DESCRIPTION,
        epilog=f"examples:\n{EXAMPLES.replace('sessionstream lint', 'sessionstream-lint')}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parsed = parser.parse_args(arguments)
    try:
        return run(parsed)
    except UsageError as error:
        sys.stderr.write(f"sessionstream-lint: {error}\n")
        return 2


def _settings(select: str | None, ignore: str | None) -> Settings:
    settings = load(Path.cwd())
    if select is not None:
        settings = dataclasses.replace(
            settings, select=checked(select.split(","), "--select"), ignore=()
        )
    if ignore is not None:
        ignored = checked(ignore.split(","), "--ignore")
        settings = dataclasses.replace(settings, ignore=(*settings.ignore, *ignored))
    return settings


def _lint(paths: Sequence[Path]) -> Linted:
    if find_spec("mypy") is None:
        raise UsageError('the linter needs mypy; run: pip install "sessionstream[lint]"')
    running = import_module("sessionstream.lint.running")
    try:
        linted: Linted = running.lint(paths)
    except running.LintError as error:
        raise UsageError(str(error)) from error
    return linted
