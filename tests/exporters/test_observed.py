"""The service of the page on observability."""

from __future__ import annotations

import httpx
from opentelemetry.trace import NoOpTracerProvider

from sessionstream import Hub, SchemaRegistry
from sessionstream.exporters.prometheus import PrometheusExporter
from sessionstream.transport.rooms import Rooms
from tests.exporters.observed import Slowest, create_app, observed
from tests.runtime.app import say


async def test_metrics_are_served_beside_the_sessions(registry: SchemaRegistry) -> None:
    metrics = PrometheusExporter()
    async with observed(registry, metrics, NoOpTracerProvider()) as hub, Rooms(hub) as rooms:
        await say(hub, "a=1")
        assert await hub.observers.flush()
        transport = httpx.ASGITransport(create_app(rooms, metrics))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            page = (await client.get("/metrics/")).text
    assert 'sessionstream_events_total{event="Said",stage="committed"} 1.0' in page


async def test_an_observer_of_ones_own_sees_how_long_a_commit_took(
    registry: SchemaRegistry,
) -> None:
    slowest = Slowest()
    async with Hub(registry, observers=[slowest]) as hub:
        await say(hub, "a=1")
    assert slowest.seconds > 0
