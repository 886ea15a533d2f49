"""The lab's command line: ``sessionstream lab`` and ``python -m systemlab``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from chatdemo.server import ListenError, listen

from systemlab.server import serve

DEFAULT_ADDRESS: Final = ":8091"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the lab's commands."""
    commands = parser.add_subparsers(dest="lab_command", required=True, metavar="COMMAND")
    serving = commands.add_parser("serve", help="serves the lab's pages until Ctrl-C")
    serving.add_argument(
        "--addr",
        type=_address,
        default=DEFAULT_ADDRESS,
        metavar="[HOST]:PORT",
        help="without a host only this computer can reach it; port 0 takes a free one"
        " (default: %(default)s)",
    )


def run(parsed: argparse.Namespace) -> int:
    """Runs what was parsed; returns the exit status: 0, or 2 where the address can't be had."""
    host, port = parsed.addr
    try:
        with listen(host, port) as listener:
            asyncio.run(serve(listener, host))
    except ListenError as error:
        sys.stderr.write(
            f"systemlab: {str(error).replace('--port', '--addr').replace('--host', '--addr')}\n"
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def main(arguments: Sequence[str] | None = None, *, name: str = "systemlab") -> int:
    """Runs ``python -m systemlab``; ``name`` is what it is called in what it says."""
    parser = argparse.ArgumentParser(prog=name, description="The lab of sessionstream.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    is_port = port.isdecimal() and port.isascii() and len(port) <= 5 and int(port) <= 65535
    if not colon or not is_port or host.startswith("[") != host.endswith("]"):
        raise argparse.ArgumentTypeError(
            f"an address is HOST:PORT or :PORT, with a port from 0 to 65535; got {text!r}"
        )
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)
