"""The command ``sessionstream``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sessionstream.protos import include_dir


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status: 0, or 1 after an error on stderr."""
    _parser().parse_args(arguments)
    try:
        sys.stdout.write(f"{include_dir()}\n")
    except FileNotFoundError as error:
        sys.stderr.write(f"sessionstream: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sessionstream", description=_DESCRIPTION)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser(
        "proto-path", help="prints the directory to give to protoc with -I", description=_PROTO_PATH
    )
    return parser


_DESCRIPTION = "Tools for applications that are built on sessionstream."
_PROTO_PATH = (
    "Prints the directory that holds sessionstream/v1/options.proto, to give to protoc with -I."
)


if __name__ == "__main__":
    sys.exit(main())
