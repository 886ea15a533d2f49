"""``sessionstream gen``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sessionstream.cli.command import CLICommand
from sessionstream.cli.generation import add_generation, compared
from sessionstream.cli.progress import waiting


class Gen(CLICommand):
    """Generates code from .proto files."""

    name = "gen"
    help = "writes the code that follows from the .proto files"
    description = """\
Writes what the .proto files give now: only files that change are written, and
each is whole at any time. Where something is wrong, nothing is written.

Without .proto files it runs buf generate with the template of the current
folder. With .proto files it needs no buf: it writes below --out what
protoc-gen-sessionstream writes, and protoc's own modules with their stubs.

Generated files that no .proto file gives any more are named, and stay unless
--prune is given. sessionstream check says the same and writes nothing."""
    examples = """\
  sessionstream gen
  sessionstream gen -I proto --out . proto/chat/v1/chat.proto
  sessionstream gen -I proto --out . --opt app=chat/v1/wiring proto"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the arguments of buf generate, or those of protoc."""
        add_generation(parser)
        parser.add_argument(
            "--prune", action="store_true", help="delete generated files that nothing gives"
        )

    def run(self, parsed: argparse.Namespace) -> int:
        """Writes, and says what."""
        with waiting("generating"):
            report = compared(parsed, self.name, messages=True)
        if report.warnings:
            sys.stderr.write(f"{report.warnings}\n")
        orphans = []
        for found in report.differences:
            if found.wanted is None:
                orphans.append(found.path)
            else:
                _write(found.path, found.wanted)
                sys.stdout.write(f"wrote {os.path.relpath(found.path)}\n")
        written = len(report.differences) - len(orphans)
        _settle(orphans, prune=parsed.prune)
        files = "file" if report.files == 1 else "files"
        sys.stdout.write(f"{report.files} generated {files}, {written} written\n")
        return 0


def _settle(orphans: Sequence[Path], *, prune: bool) -> None:
    for path in orphans:
        if prune:
            path.unlink()
        said = "deleted" if prune else "no .proto file gives any more, --prune deletes it:"
        sys.stdout.write(f"{said} {os.path.relpath(path)}\n")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
