"""``sessionstream proto-path``."""

from __future__ import annotations

import argparse
import sys

from sessionstream.cli.command import CLICommand
from sessionstream.protos import include_dir


class ProtoPath(CLICommand):
    """Prints where the annotations are."""

    name = "proto-path"
    help = "prints the directory to give to protoc with -I"
    description = (
        "Prints the directory that holds sessionstream/v1/options.proto, to give to protoc with -I."
    )
    examples = '  protoc -I "$(sessionstream proto-path)" -I . --sessionstream_out=. chat.proto'

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Takes none."""

    def run(self, parsed: argparse.Namespace) -> int:
        """Prints the directory."""
        sys.stdout.write(f"{include_dir()}\n")
        return 0
