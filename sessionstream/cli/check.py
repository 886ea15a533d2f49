"""``sessionstream check``."""

from __future__ import annotations

import argparse
import json
import os
import sys

from sessionstream.cli.command import CLICommand
from sessionstream.cli.generation import Report, add_generation, compared
from sessionstream.cli.progress import waiting


class Check(CLICommand):
    """Fails when generated files are not what the .proto files give now."""

    name = "check"
    help = "fails and names the files when generated code is not current, for CI"
    description = """\
Compares generated files with what the .proto files give now. It names each
file that is missing, stale or orphaned, and the commands that mend it; then
the exit status is 1. Nothing is written or deleted.

Without .proto files it runs buf generate with the template of the current
folder into a temporary folder, and compares all that it writes. With .proto
files it compares what protoc-gen-sessionstream writes of them; protoc's own
modules are not looked at then, since their text depends on its version.

Orphaned is a file in an output folder with the header of
protoc-gen-sessionstream that is not written any more; with buf also the
modules of protoc beside it. With .proto files, what the header says is of
another .proto file below the -I folders is none. Hidden folders, virtual
environments, other work trees, projects of their own and node_modules are
left out."""
    examples = """\
  sessionstream check
  sessionstream check --template buf.gen.yaml --template docs/buf.gen.yaml --exclude testdata
  sessionstream check -I proto --out gen --opt version=false proto/chat/v1/chat.proto"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes the arguments of buf generate, or those of protoc."""
        add_generation(parser)
        parser.add_argument("--diff", action="store_true", help="show how stale files differ")
        parser.add_argument("--json", action="store_true", help="write what was found as JSON")

    def run(self, parsed: argparse.Namespace) -> int:
        """Compares, and says what it found."""
        with waiting("generating"):
            report = compared(parsed, self.name, messages=False)
        if report.warnings:
            sys.stderr.write(f"{report.warnings}\n")
        if parsed.json:
            sys.stdout.write(f"{json.dumps(_fields(report), indent=2, ensure_ascii=False)}\n")
        else:
            _tell(report, with_diff=parsed.diff)
        return 1 if report.differences else 0


def _tell(report: Report, *, with_diff: bool) -> None:
    for found in report.differences:
        sys.stdout.write(f"{os.path.relpath(found.path)}: {found.state.value}\n")
        if with_diff and found.diff:
            sys.stdout.write(f"{found.diff}\n")
    if not report.differences:
        files = "file is" if report.files == 1 else "files are"
        sys.stdout.write(f"{report.files} generated {files} current\n")
        return
    sys.stdout.write("mend it with:\n")
    sys.stdout.write("".join(f"  {command}\n" for command in report.remedies))


def _fields(report: Report) -> dict[str, object]:
    found = [
        {"path": os.path.relpath(one.path), "state": one.state.name.lower(), "diff": one.diff}
        for one in report.differences
    ]
    return {"files": report.files, "differences": found, "remedies": list(report.remedies)}
