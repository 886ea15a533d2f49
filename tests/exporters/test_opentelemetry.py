from __future__ import annotations

import json
from collections.abc import Sequence

import httpx
import pytest
from google.protobuf.message import Message
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, SamplingResult, StaticSampler
from opentelemetry.trace import Link, SpanKind, StatusCode, Tracer, TraceState
from opentelemetry.util.types import Attributes
from websockets.asyncio.client import connect

from sessionstream import (
    Command,
    CommandRefusedError,
    EventPublisher,
    Hub,
    PipelineRecord,
    PipelineStage,
    ProjectionError,
    SchemaRegistry,
    Session,
    override,
)
from sessionstream.exporters import opentelemetry as module
from sessionstream.exporters.opentelemetry import OpenTelemetryExporter, record_context
from sessionstream.testing.fakes import RecordingFanout
from sessionstream.transport.asgi import Receive, Scope, Send
from sessionstream.transport.http import SessionStreamApp
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.ws import serve
from tests.exporters.app import hub_with
from tests.runtime.app import say, text


class Spans:
    """What was exported."""

    def __init__(self) -> None:
        self._memory = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._memory))
        self.tracer: Tracer = self.provider.get_tracer("tests")

    def all(self) -> list[ReadableSpan]:
        return list(self._memory.get_finished_spans())

    def named(self, name: str) -> ReadableSpan:
        [span] = [each for each in self.all() if each.name == name]
        return span

    def tree(self) -> set[tuple[str, str]]:
        """The name of each span, and that of its parent; "" of one that has none."""
        names = {span.context.span_id: span.name for span in self.all() if span.context}
        return {
            (span.name, names[span.parent.span_id] if span.parent else "") for span in self.all()
        }


class Never(StaticSampler):
    """Samples nothing, and notes what it was asked for."""

    def __init__(self) -> None:
        super().__init__(Decision.DROP)
        self.asked: list[str] = []

    @override
    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        self.asked.append(name)
        return super().should_sample(parent_context, trace_id, name)


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
def hub(registry: SchemaRegistry, spans: Spans) -> Hub:
    return hub_with(registry, OpenTelemetryExporter(spans.provider), record_context)


def started(run: int) -> PipelineRecord:
    stage = PipelineStage.COMMAND_STARTED
    return PipelineRecord(stage=stage, session_id="s", name=f"Run{run}", run=run)


class TestTheSpansOfACommand:
    async def test_lead_from_the_callers_span_to_the_fanout(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            hub.add_fanout(RecordingFanout())
            with spans.tracer.start_as_current_span("request"):
                await hub.submit("s", "Say", text("a=1"))
        assert spans.tree() == {
            ("request", ""),
            ("process Say", "request"),
            ("publish Said", "process Say"),
            ("commit", "publish Said"),
            ("deliver RecordingFanout", "publish Said"),
        }

    async def test_have_none_above_them_without_a_callers_span(
        self, hub: Hub, spans: Spans
    ) -> None:
        async with hub:
            await hub.submit("s", "Say", text("a=1"))
        assert ("process Say", "") in spans.tree()

    async def test_begin_and_end_in_their_order(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            with spans.tracer.start_as_current_span("request"):
                await hub.submit("s", "Say", text("a=1"))
        names = ("request", "process Say", "publish Said", "commit")
        chain = [spans.named(name) for name in names]
        starts = [span.start_time or 0 for span in chain]
        assert starts == sorted(starts)
        assert all((span.end_time or 0) >= (span.start_time or 0) for span in chain)
        commit, event = spans.named("commit"), spans.named("publish Said")
        assert commit.end_time == event.end_time

    async def test_hold_what_its_tasks_publish_after_it_has_ended(
        self, hub: Hub, spans: Spans
    ) -> None:
        async with hub:
            with spans.tracer.start_as_current_span("request"):
                await hub.submit("s", "Say", text("~a=1"))
            await (await hub.session("s")).tasks.wait_idle()
        assert ("publish Said", "process Say") in spans.tree()

    async def test_give_way_to_the_applications_own_around_an_event(
        self, hub: Hub, spans: Spans
    ) -> None:
        async def think(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            with spans.tracer.start_as_current_span("model"):
                await publisher.publish("Said", text("a=1"))

        async with hub:
            hub.register_command("Count", think)
            payload = hub.registry.command_type("Count").message_type()
            with spans.tracer.start_as_current_span("request"):
                await hub.submit("s", "Count", payload)
        assert {("model", "request"), ("publish Said", "model")} <= spans.tree()

    async def test_that_another_command_submitted_are_below_that_one(
        self, hub: Hub, spans: Spans
    ) -> None:
        async def relay(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            await hub.submit("t", "Say", text("a=1"))

        async with hub:
            hub.register_command("Count", relay)
            await hub.submit("s", "Count", hub.registry.command_type("Count").message_type())
        assert ("process Say", "process Count") in spans.tree()

    async def test_say_what_messaging_conventions_ask_for(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            await hub.submit("s", "Say", text("a=1"))
        command, event = spans.named("process Say"), spans.named("publish Said")
        assert (command.kind, event.kind) == (SpanKind.CONSUMER, SpanKind.PRODUCER)
        assert dict(command.attributes or {}) == {
            "messaging.system": "sessionstream",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": "Say",
            "sessionstream.outcome": "completed",
        }
        assert dict(event.attributes or {}) == {
            "messaging.system": "sessionstream",
            "messaging.operation.name": "publish",
            "messaging.operation.type": "send",
            "messaging.destination.name": "Said",
            "sessionstream.ordinal": 1,
            "sessionstream.ui_events": 1,
            "sessionstream.entities": 1,
        }

    async def test_of_a_frame_name_the_clients_id_of_it(self, hub: Hub, spans: Spans) -> None:
        async with hub, serve(hub) as server:
            offered = ["sessionstream.v2.json"]
            async with connect(server.url, subprotocols=offered) as client:  # type: ignore[arg-type]
                await client.send(json.dumps({"command": _COMMAND}))
                while "COMPLETED" not in str(await client.recv()):
                    pass
        attributes = spans.named("process Say").attributes or {}
        assert attributes["messaging.message.id"] == "by-the-client"

    async def test_of_a_request_are_below_the_servers_span_of_it(
        self, hub: Hub, spans: Spans
    ) -> None:
        async with hub, Rooms(hub) as rooms:
            app = SessionStreamApp(rooms)

            async def traced(scope: Scope, receive: Receive, send: Send) -> None:
                with spans.tracer.start_as_current_span("POST"):
                    await app(scope, receive, send)

            transport = httpx.ASGITransport(traced)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                answer = await client.post("/sessions/s/commands/Say", json="a=1")
        assert answer.status_code == 200
        assert {("process Say", "POST"), ("publish Said", "process Say")} <= spans.tree()


_COMMAND = {
    "requestId": "1",
    "commandId": "by-the-client",
    "sessionId": "s",
    "name": "Say",
    "payload": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "a=1"},
}


class TestFailures:
    async def test_of_a_command_are_errors_without_their_text(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            with pytest.raises(ValueError, match="secret"):
                await hub.submit("s", "Say", text("!"))
        span = spans.named("process Say")
        assert span.status.status_code is StatusCode.ERROR
        assert (span.attributes or {})["error.type"] == "ValueError"
        assert "secret" not in span.to_json()

    async def test_a_refusal_is_none(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            with pytest.raises(CommandRefusedError):
                await hub.submit("s", "Say", text("-"))
        span = spans.named("process Say")
        assert span.status.status_code is StatusCode.UNSET
        assert (span.attributes or {})["sessionstream.outcome"] == "refused"

    async def test_of_a_projection_are_below_the_event(self, hub: Hub, spans: Spans) -> None:
        async with hub:
            with pytest.raises(ProjectionError):
                await say(hub, "bad")
        assert ("timeline error", "publish Said") in spans.tree()
        assert spans.named("timeline error").status.status_code is StatusCode.ERROR


class TestAnExporter:
    async def test_names_sessions_only_when_it_is_asked_to(
        self, registry: SchemaRegistry, spans: Spans
    ) -> None:
        for session_ids in (False, True):
            exporter = OpenTelemetryExporter(spans.provider, session_ids=session_ids)
            async with hub_with(registry, exporter) as hub:
                await say(hub, "a=1", f"named-{session_ids}")
        texts = " ".join(span.to_json() for span in spans.all())
        assert "named-False" not in texts
        assert '"messaging.message.conversation_id": "named-True"' in texts

    async def test_leaves_events_out_that_it_is_told_of(
        self, registry: SchemaRegistry, spans: Spans
    ) -> None:
        exporter = OpenTelemetryExporter(spans.provider, without=["Said"])
        async with hub_with(registry, exporter) as hub:
            hub.add_fanout(RecordingFanout())
            await hub.submit("s", "Say", text("a=1"))
        assert spans.tree() == {("process Say", "")}

    async def test_has_a_span_without_a_commit_for_an_ephemeral_event(
        self, hub: Hub, spans: Spans
    ) -> None:
        async with hub:
            await hub.publish("s", "Blinked", text("now"))
        assert spans.tree() == {("publish Blinked", "")}

    def test_ends_the_span_of_a_command_that_it_forgets(
        self, spans: Spans, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_REMEMBERED", 1)
        exporter = OpenTelemetryExporter(spans.provider)
        exporter(started(1))
        assert spans.all() == []
        exporter(started(2))
        assert spans.tree() == {("process Run1", "")}

    def test_has_a_span_of_a_command_whose_beginning_was_dropped(self, spans: Spans) -> None:
        stage = PipelineStage.COMMAND_COMPLETED
        exporter = OpenTelemetryExporter(spans.provider)
        exporter(PipelineRecord(stage=stage, session_id="s", name="Say", run=7, began_at=1.5))
        assert spans.named("process Say").start_time == 1_500_000_000

    async def test_asks_for_no_more_spans_of_an_event_that_is_not_sampled(
        self, registry: SchemaRegistry
    ) -> None:
        sampler = Never()
        provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        async with hub_with(registry, OpenTelemetryExporter(provider)) as hub:
            hub.add_fanout(RecordingFanout())
            await say(hub, "a=1")
        assert sampler.asked == ["publish Said"]
