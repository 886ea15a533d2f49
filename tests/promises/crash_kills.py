"""When a child is killed, and what it had told by then."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# `make crash` asks for more.
KILLS = int(os.environ.get("SESSIONSTREAM_KILLS", "12"))
# Of each of the troubles beside the kills.
FEW_KILLS = max(KILLS // 3, 1)
# A child that does not come to what it is waited for is not waited for until the test times out.
_PATIENCE_LINES = 100_000
_ROOT = Path(__file__).parents[2]


class Line(NamedTuple):
    """A line that a child printed; see there."""

    kind: str
    session_id: str
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """So many lines and microseconds after the first line of a kind."""

    since: str = "start"
    lines: int = 0
    microseconds: int = 0


def after_lines(dice: random.Random, count: int) -> Iterator[Kill]:
    """From the first line to several hundred later; just after a line, so between two of them."""
    return (Kill(lines=dice.choice((1, 2, 5, 17, 50, 150, 400))) for _ in range(count))


def at_random_moments(dice: random.Random, count: int, since: str = "start") -> Iterator[Kill]:
    """At any moment, every second one very early."""
    for index in range(count):
        yield Kill(since=since, microseconds=dice.randrange(120_000 if index % 2 else 40_000))


def run_and_kill(kill: Kill, module: str, *arguments: object) -> list[Line]:
    """Runs a module until it is killed, and returns all that it had told."""
    child = subprocess.Popen(
        [sys.executable, "-m", f"tests.promises.{module}", *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    lines: list[Line] = []
    since: int | None = None
    assert child.stdout is not None
    with child:
        try:
            for text in child.stdout:  # also what is still unread when it is killed
                kind, session_id, ordinal = text.split()
                lines.append(Line(kind, session_id, int(ordinal)))
                assert len(lines) < _PATIENCE_LINES, f"the child never told {kill.since!r}"
                if since is None and kind == kill.since:
                    since = len(lines)
                if since is not None and len(lines) == since + kill.lines:
                    _kill_in(child, kill.microseconds)
        except BaseException:  # also a time limit of the test: leaves none behind
            child.kill()
            raise
    assert child.returncode == -9, "the child ended by itself"
    return lines


def _kill_in(child: subprocess.Popen[str], microseconds: int) -> None:
    if microseconds:
        # A thread: meanwhile this one reads, or the child would wait for a full pipe.
        threading.Timer(microseconds / 1e6, child.kill).start()
    else:
        child.kill()
