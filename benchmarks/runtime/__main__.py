"""How fast the runtime is, beside plain references that are measured in the same run.

    python -m benchmarks.runtime                       # everything; writes JSON and the chart
    python -m benchmarks.runtime --only one-session    # some of it; writes nothing
    python -m benchmarks.runtime --quick               # does it still run? its values mean nothing

Files are made below ``build/``, on the disk of the checkout. What is loaded by then is left
out of garbage collections. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.runtime import (
    answer,
    encoding,
    entities,
    latency,
    resident,
    results,
    table,
    throughput,
)
from benchmarks.runtime.measures import Figure
from benchmarks.runtime.rounds import FULL, QUICK, Bench

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"

SUITE: dict[str, Callable[[Bench], Awaitable[list[Figure]]]] = {
    "many-sessions": throughput.many_sessions,
    "one-session": throughput.one_session,
    "normal": throughput.normal_durability,
    "memory": throughput.memory,
    "entities": entities.flat_cost,
    "snapshot": entities.snapshot,
    "answer": answer.streamed_answer,
    "latency": latency.latency,
    "resident": resident.resident_memory,
    "codec": encoding.frame_encoding,
}


def main(arguments: Sequence[str]) -> int:
    """Measures, prints the table, writes the results; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.runtime", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--only", action="append", choices=SUITE, help="may be given several times")
    parser.add_argument("--quick", action="store_true", help="a little of everything")
    parser.add_argument("--out", type=Path, help="where results are written")
    options = parser.parse_args(arguments)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    # Modules and types are there for good: a server does not have them looked through either.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as folder:
        bench = Bench(Path(folder), QUICK if options.quick else FULL)
        figures = asyncio.run(measure(bench, options.only or list(SUITE)))
    out = options.out
    if out is None and not options.quick and not options.only:
        out = RESULTS
    if out is not None:
        write(out, results.Run(results.environment(), asdict(bench.scale), tuple(figures)))
    return 0


async def measure(bench: Bench, names: Sequence[str]) -> list[Figure]:
    """Returns the figures of the measurements; each is printed once it is known."""
    print(table.TITLES)
    figures: list[Figure] = []
    for name in names:
        for figure in await SUITE[name](bench):
            figures.append(figure)
            print("\n".join(table.lines(figure)), flush=True)
    return figures


def write(folder: Path, run: results.Run) -> None:
    """Writes the run as JSON, and its chart."""
    # Not before: what a plotting library keeps in memory would slow the collector down.
    from benchmarks.runtime import chart

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "runtime.json"
    path.write_text(results.dump(run), encoding="utf-8")
    chart.main(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
