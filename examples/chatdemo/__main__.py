"""The command line: ``python -m chatdemo [serve]`` and ``python -m chatdemo ask "…"``."""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from chatdemo.engine import AnsweringEngine, DocsEngine, EchoEngine
from chatdemo.terminal import NoEndError, ask
from chatdemo.trace import TraceError, traced
from chatdemo.v1 import chat_pb2 as pb
from sessionstream import CommandRefusedError, StoreError, StoreLockedError

try:
    from chatdemo.server import ListenError, listen, serve
except ModuleNotFoundError as error:
    sys.exit(f'chatdemo needs {error.name}; run: pip install "sessionstream[lab]"')

DEFAULT_DB = Path(".data/chat.db")
ENGINES = {"docs": DocsEngine, "answer": EchoEngine}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status: 0, 1 (no answer), 2 (an error), 130 (Ctrl-C)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "serve")
    options = _parser().parse_args(given)
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130
    except StoreLockedError as error:
        return _fail(f"{error}. Stop that process, or choose another file with --db")
    except (StoreError, ListenError, TraceError, CommandRefusedError) as error:
        return _fail(str(error))
    except NoEndError as error:
        return _fail(str(error), status=1)
    except OSError as error:  # what was printed went nowhere: `| head`, or a full disk
        # Python would try to write the rest once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1 if isinstance(error, BrokenPipeError) else _fail(str(error), status=1)


def _run(options: argparse.Namespace) -> int:
    path: Path | None = None if options.memory else options.db
    engine: AnsweringEngine = ENGINES[options.engine](pace=options.pace)
    if path is not None:
        _make_folder(path)
    if options.command == "ask":
        return _ask(engine, options.prompt, path)
    with (
        listen(options.host, options.port) as listener,
        traced(options.trace, path) as observers,
    ):
        asyncio.run(
            serve(
                engine,
                listener,
                path,
                host=options.host,
                observers=observers,
                inspected=options.inspector,
            )
        )
    return 0


def _ask(engine: AnsweringEngine, prompt: str, path: Path | None) -> int:
    # Warnings are for the log of a server; here, one line says what matters.
    logging.getLogger("chatdemo").addHandler(logging.NullHandler())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what this terminal can't show
    answer = asyncio.run(ask(engine, _as_text(prompt), sys.stdout, path))
    if answer.detail:
        sys.stderr.write(f"{answer.detail}\n")
    return 0 if answer.status == pb.CHAT_STATUS_COMPLETE else 1


def _as_text(prompt: str) -> str:
    try:
        prompt.encode()
    except UnicodeEncodeError as error:  # Python keeps bytes that it can't read as surrogates
        encoding = sys.getfilesystemencoding()
        reason = f"The prompt is no text in this terminal's {encoding}."
        raise CommandRefusedError("bad_prompt", reason) from error
    return prompt


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as error:
        reason = f"no file can be made there ({error.strerror}); choose another with --db"
        raise StoreError(str(path), reason) from error
    if is_folder:
        raise StoreError(str(path), "it is a folder; choose a file with --db")


def _fail(reason: str, *, status: int = 2) -> int:
    sys.stderr.write(f"chatdemo: {reason}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chatdemo", description="A chat that survives a restart.")
    commands = parser.add_subparsers(dest="command", required=True)

    serving = commands.add_parser("serve", help="serves the page (what runs without a command)")
    serving.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    serving.add_argument("--port", type=_port, default=8090, help="0 takes a free one")
    serving.add_argument("--db", type=Path, default=DEFAULT_DB, help="default: %(default)s")
    serving.add_argument("--memory", action="store_true", help="keeps nothing")
    serving.add_argument(
        "--trace", type=Path, metavar="FILE", help="appends what the runtime does, as lines of JSON"
    )

    serving.add_argument(
        "--inspector",
        action="store_true",
        help="shows this computer what the runtime does, with payloads, under /inspector/",
    )

    asking = commands.add_parser("ask", help="answers a prompt in the terminal")
    asking.add_argument("prompt")
    asking.add_argument("--db", type=Path, help="keeps the conversation in this file")
    asking.set_defaults(memory=False)

    for command in (serving, asking):
        command.add_argument(
            "--engine",
            choices=sorted(ENGINES),
            default="docs",
            help="what answers: the documentation of sessionstream (%(default)s, the default),"
            " or the prompt itself (answer)",
        )
        command.add_argument(
            "--pace", type=_pace, default=0.05, help="seconds per piece; default: %(default)s"
        )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535; got {text!r}")


def _pace(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds <= 60:
        return seconds
    raise argparse.ArgumentTypeError(f"a pace is 0 to 60 seconds; got {text!r}")


if __name__ == "__main__":
    sys.exit(main())
