"""How fast the WebSocket server is, beside references that send the same bytes in the same run.

    python -m benchmarks.wire                    # everything; writes JSON and the chart
    python -m benchmarks.wire --only idle        # some of it; writes nothing
    python -m benchmarks.wire --quick            # does it still run? its values mean nothing

This process is the load generator; each server is one of its own, on another
processor where there are two. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from benchmarks.runtime import results, table
from benchmarks.runtime.measures import Figure
from benchmarks.wire.processes import processors
from benchmarks.wire.suite import FULL, QUICK, SUITE, Scale

RESULTS = Path(__file__).parents[1] / "results"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints the table, writes the results; returns the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.wire", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=SUITE, help="may be given several times")
    parser.add_argument("--quick", action="store_true", help="a little of everything")
    parser.add_argument("--out", type=Path, help="where results are written")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    options = parser.parse_args(arguments)
    scale = QUICK if options.quick else FULL
    scale = replace(scale, rounds=options.rounds or scale.rounds)
    _make_ready()
    figures = asyncio.run(measure(scale, options.only or list(SUITE)))
    out = options.out
    if out is None and not options.quick and not options.only:
        out = RESULTS
    if out is not None:
        write(out, results.Run(environment(), _numbers(scale), tuple(figures)))
    return 0


async def measure(scale: Scale, names: Sequence[str]) -> list[Figure]:
    """Returns the figures of the measurements; each is printed once it is known."""
    print(table.TITLES)
    figures: list[Figure] = []
    for name in names:
        async for figure in SUITE[name](scale):
            figures.append(figure)
            print("\n".join(table.lines(figure)), flush=True)
    return figures


def environment() -> dict[str, str]:
    """Returns what bears on the figures."""
    servers = ("websockets", "python-socketio", "python-engineio", "uvicorn")
    return {**results.environment(), **{name: version(name) for name in servers}}


def write(folder: Path, run: results.Run) -> None:
    """Writes the run as JSON, and its chart."""
    # Not before: what a plotting library keeps in memory would slow the collector down.
    from benchmarks.runtime import chart

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "wire.json"
    path.write_text(results.dump(run), encoding="utf-8")
    chart.main(path)


def _make_ready() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.sched_setaffinity(0, processors()[1])
    gc.collect()
    gc.freeze()


def _numbers(scale: Scale) -> dict[str, float]:
    return {"rounds": scale.rounds, **asdict(scale.load)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
