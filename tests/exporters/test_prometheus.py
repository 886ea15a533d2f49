from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from prometheus_client import CollectorRegistry, generate_latest
from websockets.asyncio.client import ClientConnection, connect

from sessionstream import (
    CommandRefusedError,
    DropRecord,
    ProjectionError,
    SchemaRegistry,
    TransportEvent,
    TransportRecord,
)
from sessionstream.exporters.prometheus import PrometheusExporter
from sessionstream.testing.fakes import RecordingFanout
from sessionstream.transport.ws import serve
from tests.exporters.app import hub_with
from tests.runtime.app import say, text


@pytest.fixture
def exporter() -> PrometheusExporter:
    return PrometheusExporter()


def value(
    exporter: PrometheusExporter, name: str, labels: Mapping[str, str] | None = None
) -> float | None:
    return exporter.registry.get_sample_value(f"sessionstream_{name}", dict(labels or {}))


def happened(
    event: TransportEvent, connection_id: str = "c", session_id: str = ""
) -> TransportRecord:
    return TransportRecord(event=event, connection_id=connection_id, session_id=session_id)


class TestCommands:
    async def test_are_counted_by_name_and_outcome(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub:
            await hub.submit("s", "Say", text("a=1"))
            await hub.submit("t", "Say", text("a=1"))
            with pytest.raises(CommandRefusedError):
                await hub.submit("s", "Say", text("-"))
            with pytest.raises(ValueError, match="secret"):
                await hub.submit("s", "Say", text("!"))
        outcomes = ("completed", "refused", "failed", "cancelled")
        labels = [{"command": "Say", "outcome": outcome} for outcome in outcomes]
        assert [value(exporter, "commands_total", each) for each in labels] == [2, 1, 1, None]

    async def test_are_measured_and_none_is_running_in_the_end(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub:
            await hub.submit("s", "Say", text("a=1"))
        labels = {"command": "Say"}
        assert value(exporter, "command_duration_seconds_count", labels) == 1
        assert (value(exporter, "command_duration_seconds_sum", labels) or 0) > 0
        assert value(exporter, "commands_running", labels) == 0

    async def test_that_are_cancelled_have_not_failed(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        begun = asyncio.Event()

        async def wait(*_: object) -> None:
            begun.set()
            await asyncio.get_running_loop().create_future()

        async with hub_with(registry, exporter) as hub:
            hub.register_command("Count", wait)
            payload = registry.command_type("Count").message_type()
            running = asyncio.create_task(hub.submit("s", "Count", payload))
            await begun.wait()
            running.cancel()
            await asyncio.wait([running])
        labels = {"command": "Count", "outcome": "cancelled"}
        assert value(exporter, "commands_total", labels) == 1


class TestEvents:
    async def test_are_counted_by_name_and_stage(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub:
            await say(hub, "a=1")
            await say(hub, "a=2")
            await hub.publish("s", "Blinked", text("now"))
        committed = {"event": "Said", "stage": "committed"}
        passed = {"event": "Blinked", "stage": "passed"}
        assert value(exporter, "events_total", committed) == 2
        assert value(exporter, "events_total", passed) == 1

    async def test_are_measured_from_publish_to_commit_and_to_the_fanout(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub:
            hub.add_fanout(RecordingFanout())
            await say(hub, "a=1")
        assert value(exporter, "publish_duration_seconds_count") == 1
        assert value(exporter, "commit_duration_seconds_count") == 1
        labels = {"fanout": "RecordingFanout"}
        assert value(exporter, "delivery_duration_seconds_count", labels) == 1

    async def test_on_which_a_projection_failed_count_as_errors_of_it(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub:
            with pytest.raises(ProjectionError):
                await say(hub, "bad")
        assert value(exporter, "errors_total", {"source": "timeline"}) == 1
        assert value(exporter, "errors_total", {"source": "ui"}) == 0


class TestConnections:
    async def test_of_a_server_are_counted_while_they_are_open(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with (
            hub_with(registry, exporter) as hub,
            serve(hub) as server,
            connect(server.url) as first,
            connect(server.url) as second,
        ):
            await _subscribe(first, "a", "b")
            await _subscribe(second, "a")
            assert await hub.observers.flush()
            assert value(exporter, "connections") == 2
            assert value(exporter, "subscriptions") == 3
            await second.send(json.dumps({"unsubscribe": {"sessionId": "a"}}))
            assert "unsubscribed" in json.loads(await second.recv())
            assert await hub.observers.flush()
            assert value(exporter, "subscriptions") == 2
        assert (value(exporter, "connections"), value(exporter, "subscriptions")) == (0, 0)
        assert value(exporter, "transport_events_total", {"event": "connected"}) == 2

    def test_that_lag_are_counted(self, exporter: PrometheusExporter) -> None:
        exporter(happened(TransportEvent.LAGGING, session_id="s"))
        assert value(exporter, "transport_events_total", {"event": "lagging"}) == 1
        assert value(exporter, "transport_events_total", {"event": "slow_client"}) == 0

    def test_whose_beginning_was_dropped_are_counted_from_their_first_session_on(
        self, exporter: PrometheusExporter
    ) -> None:
        exporter(happened(TransportEvent.SUBSCRIBED, session_id="s"))
        assert (value(exporter, "connections"), value(exporter, "subscriptions")) == (1, 1)

    def test_that_have_ended_are_not_counted_again(self, exporter: PrometheusExporter) -> None:
        exporter(happened(TransportEvent.CONNECTED))
        exporter(happened(TransportEvent.DISCONNECTED))
        exporter(happened(TransportEvent.UNSUBSCRIBED, session_id="s"))
        exporter(happened(TransportEvent.DISCONNECTED))
        assert value(exporter, "connections") == 0


class TestARegistry:
    def test_is_each_exporters_own(self) -> None:
        first, second = PrometheusExporter(), PrometheusExporter()
        first(DropRecord(count=3))
        assert value(first, "dropped_records_total") == 3
        assert value(second, "dropped_records_total") == 0

    def test_can_be_one_that_is_there(self) -> None:
        registry = CollectorRegistry()
        assert PrometheusExporter(registry).registry is registry
        with pytest.raises(ValueError, match="Duplicated"):
            PrometheusExporter(registry)

    async def test_never_holds_a_session_or_a_text(
        self, registry: SchemaRegistry, exporter: PrometheusExporter
    ) -> None:
        async with hub_with(registry, exporter) as hub, serve(hub) as server:
            async with connect(server.url) as client:
                await _subscribe(client, "a-private-session")
                await hub.submit("a-private-session", "Say", StringValue(value="a=private"))
            with pytest.raises(ValueError, match="secret"):
                await hub.submit("a-private-session", "Say", text("!"))
        page = generate_latest(exporter.registry).decode()
        assert 'sessionstream_events_total{event="Said",stage="committed"} 1.0' in page
        assert "private" not in page
        assert "secret" not in page


async def _subscribe(client: ClientConnection, *session_ids: str) -> None:
    for session_id in session_ids:
        await client.send(json.dumps({"subscribe": {"sessionId": session_id}}))
        while "subscribed" not in json.loads(await client.recv()):
            pass
