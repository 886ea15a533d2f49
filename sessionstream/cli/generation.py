"""What ``check`` and ``gen`` share: what is generated, and how that differs from what is there."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from sessionstream.cli.command import CommandError, add_includes, generator_module

_TEMPLATE = "buf.gen.yaml"


class Found(Protocol):
    """A file that is not as it should be, as the generator tells of it."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def state(self) -> Enum:
        """What is wrong with it."""

    @property
    def diff(self) -> str:
        """A unified one; "" where there is none."""

    @property
    def wanted(self) -> bytes | None:
        """What it should hold; None where it should not be there."""


class Report(Protocol):
    """What the generator found, and what mends it."""

    @property
    def files(self) -> int:
        """How many files there should be."""

    @property
    def differences(self) -> Sequence[Found]:
        """Those that are not as they should be."""

    @property
    def remedies(self) -> Sequence[str]:
        """Command lines, in the order in which to run them."""

    @property
    def warnings(self) -> str:
        """The generator's; a line or more, or ""."""


def add_generation(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments of buf generate, and those of protoc."""
    parser.set_defaults(refuse=parser.error)
    parser.add_argument(
        "protos",
        nargs="*",
        metavar="PROTO",
        help="a .proto file, or a folder of them; with --out, without buf",
    )
    buf = parser.add_argument_group("with buf")
    buf.add_argument(
        "--template",
        dest="templates",
        action="append",
        metavar="FILE",
        help=f"buf's template; may be repeated (default: {_TEMPLATE})",
    )
    buf.add_argument("--input", default="", metavar="INPUT", help="buf's input, if it needs one")
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


def compared(parsed: argparse.Namespace, command: str, *, messages: bool) -> Report:
    """Returns how what is there differs from what would be generated.

    Args:
        parsed: What `add_generation` has declared.
        command: The command that asks.
        messages: Whether protoc's own modules count, where .proto files are named.

    Raises:
        CommandError: Nothing can be generated.
    """
    _refuse_mixture(parsed)
    check = generator_module("check", command)
    try:
        report: Report = (
            check.check_protoc(
                parsed.protos,
                includes=parsed.includes or [Path()],
                out=parsed.out,
                options=parsed.options,
                exclude=parsed.exclude,
                messages=messages,
            )
            if parsed.protos
            else check.check_buf(parsed.templates or [_TEMPLATE], parsed.input, parsed.exclude)
        )
    except check.CheckError as error:
        raise CommandError(str(error)) from error
    return report


def _refuse_mixture(parsed: argparse.Namespace) -> None:
    if parsed.protos and (parsed.templates or parsed.input):
        parsed.refuse("--template and --input are buf's; leave the .proto files out, or them")
    if parsed.protos and parsed.out is None:
        parsed.refuse("with .proto files, say with --out where their generated files are")
    if not parsed.protos and (parsed.out or parsed.options or parsed.includes):
        parsed.refuse("--out, --opt and -I need .proto files")
