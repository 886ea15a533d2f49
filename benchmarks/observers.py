"""What observers cost those who publish, against a Hub without any in the same run.

    python benchmarks/observers.py              # a table
    python benchmarks/observers.py --rounds 3   # fewer rounds; each takes some seconds

The chat of the demo, in memory, where nothing else takes time: 16 sessions at
once, and one that awaits each event. All take turns in each round; figures are
medians. The exporter of spans has a provider of OpenTelemetry's SDK whose spans
go nowhere; what sends them costs more.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from benchmarks.runtime.application import install, publish_at_once, registry
from benchmarks.runtime.conversation import conversation
from sessionstream import Hub, Observer, Record, RecordContext
from sessionstream.exporters.opentelemetry import OpenTelemetryExporter, record_context
from sessionstream.exporters.prometheus import PrometheusExporter

_EVENTS = 16_000
_SESSIONS = (16, 1)

Observed = tuple[Sequence[Observer], RecordContext | None]


def _ignore(record: Record) -> None:
    """An observer that does nothing: what it costs to make records and hand them on."""


def _metrics() -> Observed:
    return [PrometheusExporter()], None


def _spans() -> Observed:
    return [OpenTelemetryExporter(TracerProvider(shutdown_on_exit=False))], record_context


def _unsampled() -> Observed:
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    return [OpenTelemetryExporter(provider)], record_context


_OBSERVERS: dict[str, Callable[[], Observed]] = {
    "nobody": lambda: ((), None),
    "one that does nothing": lambda: ([_ignore], None),
    "metrics": _metrics,
    "spans, none sampled": _unsampled,
    "spans": _spans,
}


async def _measure(observed: Observed, sessions: int) -> tuple[float, float]:
    """Returns events/s, and how many records of a hundred events were dropped."""
    observers, context = observed
    async with Hub(registry(), observers=observers, record_context=context) as hub:
        install(hub)
        rate = await publish_at_once(hub, sessions, conversation(_EVENTS // sessions))
        return rate, 100 * hub.observers.dropped / _EVENTS


async def _run(rounds: int) -> None:
    for sessions in _SESSIONS:
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in _OBSERVERS}
        for _ in range(rounds):
            for name, observed in _OBSERVERS.items():
                found[name].append(await _measure(observed(), sessions))
        print(f"\n{sessions} sessions in memory          events/s  us/event  dropped %")
        for name, measured in found.items():
            rate = statistics.median(rate for rate, _ in measured)
            dropped = statistics.median(dropped for _, dropped in measured)
            print(f"{name:32} {rate:10,.0f} {1e6 / rate:9.1f} {dropped:10.1f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    asyncio.run(_run(parser.parse_args(arguments).rounds))


if __name__ == "__main__":
    main()
