"""A service with metrics and spans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.trace import TracerProvider
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.routing import Mount

from sessionstream import Hub, PipelineRecord, PipelineStage, Record, SchemaRegistry
from sessionstream.exporters.opentelemetry import OpenTelemetryExporter, record_context
from sessionstream.exporters.prometheus import PrometheusExporter
from sessionstream.transport.http import SessionStreamApp
from sessionstream.transport.rooms import Rooms


@asynccontextmanager
async def observed(
    registry: SchemaRegistry, metrics: PrometheusExporter, provider: TracerProvider
) -> AsyncIterator[Hub]:
    spans = OpenTelemetryExporter(provider, without=["ChatTokensDelta"])
    async with Hub(registry, observers=[metrics, spans], record_context=record_context) as hub:
        yield hub


def create_app(rooms: Rooms, metrics: PrometheusExporter) -> Starlette:
    return Starlette(
        routes=[
            Mount("/live", SessionStreamApp(rooms)),
            Mount("/metrics", make_asgi_app(registry=metrics.registry)),
        ]
    )


class Slowest:
    """An observer of one's own: how long the slowest commit took, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, record: Record) -> None:
        if not isinstance(record, PipelineRecord) or record.commit_began_at is None:
            return
        if record.stage is PipelineStage.EVENT_COMMITTED:
            self.seconds = max(self.seconds, record.occurred_at - record.commit_began_at)
