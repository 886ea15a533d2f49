"""``sessionstream check``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from sessionstream.cli.command import CLICommand, CommandError, add_includes, generator_module

_TEMPLATE = "buf.gen.yaml"


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
        parser.set_defaults(refuse=parser.error)
        parser.add_argument(
            "protos", nargs="*", metavar="PROTO", help="a .proto file; with --out, without buf"
        )
        buf = parser.add_argument_group("with buf")
        buf.add_argument(
            "--template",
            dest="templates",
            action="append",
            metavar="FILE",
            help=f"buf's template; may be repeated (default: {_TEMPLATE})",
        )
        buf.add_argument(
            "--input", default="", metavar="INPUT", help="buf's input, if it needs one"
        )
        protoc = parser.add_argument_group("with .proto files")
        protoc.add_argument("--out", type=Path, metavar="DIR", help="as in --sessionstream_out")
        protoc.add_argument(
            "--opt",
            dest="options",
            action="append",
            default=[],
            metavar="OPT",
            help="as in --sessionstream_opt; may be repeated",
        )
        add_includes(protoc)
        parser.add_argument(
            "--exclude",
            action="append",
            default=[],
            metavar="GLOB",
            help="files or folders to leave out, from here; may be repeated; * matches / too",
        )
        parser.add_argument("--diff", action="store_true", help="show how stale files differ")

    def run(self, parsed: argparse.Namespace) -> int:
        """Compares, and says what it found."""
        self._refuse_mixture(parsed)
        check = generator_module("check", self.name)
        try:
            if parsed.protos:
                report = check.check_protoc(
                    parsed.protos,
                    includes=parsed.includes or [Path()],
                    out=parsed.out,
                    options=parsed.options,
                    exclude=parsed.exclude,
                )
            else:
                templates = parsed.templates or [_TEMPLATE]
                report = check.check_buf(templates, parsed.input, parsed.exclude)
        except check.CheckError as error:
            raise CommandError(str(error)) from error
        if report.warnings:
            sys.stderr.write(f"{report.warnings}\n")
        for found in report.differences:
            sys.stdout.write(f"{os.path.relpath(found.path)}: {found.state.value}\n")
            if parsed.diff and found.diff:
                sys.stdout.write(f"{found.diff}\n")
        if not report.differences:
            files = "file is" if report.files == 1 else "files are"
            sys.stdout.write(f"{report.files} generated {files} current\n")
            return 0
        sys.stdout.write("mend it with:\n")
        sys.stdout.write("".join(f"  {command}\n" for command in report.remedies))
        return 1

    def _refuse_mixture(self, parsed: argparse.Namespace) -> None:
        if parsed.protos and (parsed.templates or parsed.input):
            parsed.refuse("--template and --input are buf's; leave the .proto files out, or them")
        if parsed.protos and parsed.out is None:
            parsed.refuse("with .proto files, say with --out where their generated files are")
        if not parsed.protos and (parsed.out or parsed.options or parsed.includes):
            parsed.refuse("--out, --opt and -I need .proto files")
