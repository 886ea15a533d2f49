"""The command ``sessionstream``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from sessionstream.protos import include_dir


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status: 0, or 1 after an error on stderr."""
    parsed = _parser().parse_args(arguments)
    commands = {"proto-path": _proto_path, "scaffold": _scaffold}
    try:
        commands[parsed.command](parsed)
    except (_CommandError, OSError) as error:
        sys.stderr.write(f"sessionstream: {error}\n")
        return 1
    return 0


class _CommandError(Exception):
    """What the user has to put right."""


def _proto_path(parsed: argparse.Namespace) -> None:
    sys.stdout.write(f"{include_dir()}\n")


def _scaffold(parsed: argparse.Namespace) -> None:
    # By name: the runtime does not depend on the generator.
    try:
        scaffold = importlib.import_module("sessionstream_codegen.scaffold")
    except ModuleNotFoundError as error:
        raise _CommandError(
            f'scaffold needs {error.name}; run: pip install "sessionstream[codegen]"'
        ) from error
    work = scaffold.Scaffold(
        protos=parsed.protos,
        out=parsed.out,
        includes=parsed.includes or [Path()],
        add_missing=parsed.add_missing,
        dry_run=parsed.dry_run,
    )
    try:
        for line in work.run():
            sys.stdout.write(f"{line}\n")
    except scaffold.ScaffoldError as error:
        raise _CommandError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sessionstream",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "proto-path", help="prints the directory to give to protoc with -I", description=_PROTO_PATH
    )
    _add_scaffold(
        commands.add_parser(
            "scaffold",
            help="writes the handlers and projections that a .proto file asks for",
            description=_SCAFFOLD,
            epilog=_SCAFFOLD_EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    return parser


def _add_scaffold(scaffold: argparse.ArgumentParser) -> None:
    scaffold.add_argument(
        "protos", nargs="+", metavar="PROTO", help="a .proto file, below one of the -I directories"
    )
    scaffold.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the files go"
    )
    scaffold.add_argument(
        "-I",
        "--proto_path",
        dest="includes",
        action="append",
        type=Path,
        metavar="DIR",
        help="where protoc finds .proto files; may be repeated (default: here)",
    )
    scaffold.add_argument(
        "--add-missing",
        action="store_true",
        help="append missing methods to the classes of existing files",
    )
    scaffold.add_argument("--dry-run", action="store_true", help="say what would be done, only")


_DESCRIPTION = "Tools for applications that are built on sessionstream."
_EXAMPLES = """\
examples:
  protoc -I "$(sessionstream proto-path)" -I . --sessionstream_out=. chat/v1/chat.proto
  sessionstream scaffold chat/v1/chat.proto --out chat
"""
_PROTO_PATH = (
    "Prints the directory that holds sessionstream/v1/options.proto, to give to protoc with -I."
)
_SCAFFOLD = """\
Writes handlers.py and projections.py: a class for each that a generated
module leaves open, with a method per command or event. With several .proto
files the files begin with their names: chat_handlers.py.

Nothing is overwritten. In a file that exists, methods that are missing are
named, and appended to the class with --add-missing.
"""
_SCAFFOLD_EXAMPLES = """\
examples:
  sessionstream scaffold chat/v1/chat.proto --out chat
  sessionstream scaffold -I proto proto/chat/v1/chat.proto --out src/chat --add-missing
"""


if __name__ == "__main__":
    sys.exit(main())
