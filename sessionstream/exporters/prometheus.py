"""Metrics of what the runtime does, for Prometheus; needs the extra ``prometheus``.

| metric | labels |
|---|---|
| `sessionstream_commands_total` | `command`, `outcome`: completed, refused, cancelled, failed |
| `sessionstream_command_duration_seconds` | `command` |
| `sessionstream_commands_running` | `command` |
| `sessionstream_events_total` | `event`, `stage`: committed, or passed where it is ephemeral |
| `sessionstream_publish_duration_seconds` | |
| `sessionstream_commit_duration_seconds` | |
| `sessionstream_delivery_duration_seconds` | `fanout` |
| `sessionstream_errors_total` | `source`: ui, timeline, fanout, task, command, store |
| `sessionstream_connections`, `sessionstream_subscriptions` | |
| `sessionstream_transport_events_total` | `event`: connected, lagging, slow_client and others |
| `sessionstream_dropped_records_total` | |

Names of commands and events are those of the registry, so there are only so
many series. Nothing has a session's id for a label.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from sessionstream.exporters.outcomes import outcome_of
from sessionstream.observer import (
    DeliveryRecord,
    DropRecord,
    ErrorRecord,
    ErrorSource,
    PipelineRecord,
    PipelineStage,
    Record,
    TransportEvent,
    TransportRecord,
)

try:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
except ImportError as error:  # pragma: no cover
    raise ImportError(
        "sessionstream.exporters.prometheus needs prometheus-client: "
        "pip install 'sessionstream[prometheus]'"
    ) from error

# In seconds. A commit takes from some microseconds in memory to the flush of a busy disk.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
# And a command may wait for a model.
COMMAND_BUCKETS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)

_STAGES: Final = {
    PipelineStage.EVENT_COMMITTED: "committed",
    PipelineStage.EVENT_PASSED: "passed",
}


class PrometheusExporter:
    """An `Observer` that counts and measures; one may serve several Hubs.

    Give it to ``Hub(observers=[…])`` and serve its ``registry``, for instance
    by ``prometheus_client.make_asgi_app(registry=exporter.registry)``. The
    module's text lists the metrics.

    The gauges follow from records of beginnings and ends, so while
    ``sessionstream_dropped_records_total`` grows they may be off.

    Args:
        registry: Where the metrics are registered; a new one if not given, so
            that two exporters of a process have nothing to do with each other.
        buckets: Upper bounds of the histograms of events, in seconds.
        command_buckets: Those of the histogram of commands.

    Raises:
        ValueError: The registry has metrics of these names already.
    """

    def __init__(
        self,
        registry: CollectorRegistry | None = None,
        *,
        buckets: Sequence[float] = BUCKETS,
        command_buckets: Sequence[float] = COMMAND_BUCKETS,
    ) -> None:
        self.registry = CollectorRegistry() if registry is None else registry
        self._commands = _Commands(self.registry, command_buckets)
        self._events = _Events(self.registry, buckets)
        self._transport = _Transport(self.registry)
        self._errors = Counter(
            "sessionstream_errors",
            "Errors that were recorded.",
            ["source"],
            registry=self.registry,
        )
        for source in ErrorSource:
            self._errors.labels(source.value)
        self._dropped = Counter(
            "sessionstream_dropped_records",
            "Records that this exporter was too slow for.",
            registry=self.registry,
        )

    def __call__(self, record: Record) -> None:
        """Takes a record; may be called on several threads."""
        match record:
            case PipelineRecord(stage=stage) if stage in _STAGES:
                self._events.take(record, _STAGES[stage])
            case PipelineRecord():
                self._commands.take(record)
            case DeliveryRecord():
                self._events.delivered(record)
            case TransportRecord():
                self._transport.take(record)
            case ErrorRecord():
                self._errors.labels(record.source.value).inc()
            case DropRecord():
                self._dropped.inc(record.count)


class _Commands:
    def __init__(self, registry: CollectorRegistry, buckets: Sequence[float]) -> None:
        self._ended = Counter(
            "sessionstream_commands",
            "Commands whose handler has ended.",
            ["command", "outcome"],
            registry=registry,
        )
        self._running = Gauge(
            "sessionstream_commands_running",
            "Commands whose handler is running.",
            ["command"],
            registry=registry,
        )
        self._duration = Histogram(
            "sessionstream_command_duration_seconds",
            "From the submission of a command to the end of its handler.",
            ["command"],
            buckets=buckets,
            registry=registry,
        )

    def take(self, record: PipelineRecord) -> None:
        outcome = outcome_of(record)
        if outcome is None:
            self._running.labels(record.name).inc()
            return
        self._running.labels(record.name).dec()
        self._ended.labels(record.name, outcome.value).inc()
        if record.began_at is not None:
            self._duration.labels(record.name).observe(record.occurred_at - record.began_at)


class _Events:
    def __init__(self, registry: CollectorRegistry, buckets: Sequence[float]) -> None:
        self._count = Counter(
            "sessionstream_events",
            "Events that were committed, and ephemeral ones that have passed.",
            ["event", "stage"],
            registry=registry,
        )
        self._publish = Histogram(
            "sessionstream_publish_duration_seconds",
            "From the publishing of an event to the end of its commit.",
            buckets=buckets,
            registry=registry,
        )
        self._commit = Histogram(
            "sessionstream_commit_duration_seconds",
            "How long the transaction of an event took; one may carry many events.",
            buckets=buckets,
            registry=registry,
        )
        self._delivery = Histogram(
            "sessionstream_delivery_duration_seconds",
            "From the commit of an event until a fan-out has taken its UI events.",
            ["fanout"],
            buckets=buckets,
            registry=registry,
        )

    def take(self, record: PipelineRecord, stage: str) -> None:
        self._count.labels(record.name, stage).inc()
        if record.began_at is not None:
            self._publish.observe(record.occurred_at - record.began_at)
        if record.commit_began_at is not None:
            self._commit.observe(record.occurred_at - record.commit_began_at)

    def delivered(self, record: DeliveryRecord) -> None:
        self._delivery.labels(record.fanout).observe(record.occurred_at - record.began_at)


class _Transport:
    """Counts connections by their ids: a record that is missing is made up for by the next."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Guard: the lock, for the sessions that each connection watches.
        self._lock = threading.Lock()
        self._open: dict[str, set[str]] = {}
        self._events = Counter(
            "sessionstream_transport_events",
            "What happened on connections.",
            ["event"],
            registry=registry,
        )
        for event in TransportEvent:
            self._events.labels(event.value)
        connections = Gauge(
            "sessionstream_connections", "Connections that are open.", registry=registry
        )
        connections.set_function(lambda: len(self._open))
        subscriptions = Gauge(
            "sessionstream_subscriptions", "Sessions that connections watch.", registry=registry
        )
        subscriptions.set_function(self._subscriptions)

    def take(self, record: TransportRecord) -> None:
        self._events.labels(record.event.value).inc()
        with self._lock:
            match record.event:
                case TransportEvent.CONNECTED:
                    self._open.setdefault(record.connection_id, set())
                case TransportEvent.SUBSCRIBED:
                    self._open.setdefault(record.connection_id, set()).add(record.session_id)
                case TransportEvent.UNSUBSCRIBED:
                    self._open.get(record.connection_id, set()).discard(record.session_id)
                case TransportEvent.DISCONNECTED:
                    self._open.pop(record.connection_id, None)

    def _subscriptions(self) -> int:
        with self._lock:
            return sum(map(len, self._open.values()))
