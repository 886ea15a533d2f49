from __future__ import annotations

import threading
from typing import cast

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    DropRecord,
    ErrorSource,
    EventPublisher,
    Hub,
    Observer,
    PipelineRecord,
    PipelineStage,
    ProjectionError,
    Record,
    SchemaError,
    SchemaRegistry,
    Session,
)
from sessionstream.observer import Observers
from sessionstream.testing.fakes import RecordingObserver
from tests.runtime.app import Lines, Shows, say, text


async def handle(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Said", text("a=1"))


async def fail(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    raise ValueError("no")


def blind(record: Record) -> None:
    raise RuntimeError("can't see")


@pytest.fixture
def hub(registry: SchemaRegistry, observer: RecordingObserver) -> Hub:
    hub = Hub(registry, observers=[blind, observer])
    hub.register_timeline_projection(Lines("bad"))
    hub.register_ui_projection(Shows())
    return hub


async def test_a_command_and_its_event_are_told_in_order(
    hub: Hub, observer: RecordingObserver
) -> None:
    async with hub:
        hub.register_command("Say", handle)
        await hub.submit("s", "Say", text("hi"))
    assert observer.pipeline == [
        PipelineRecord(stage=PipelineStage.COMMAND_STARTED, session_id="s", name="Say"),
        PipelineRecord(
            stage=PipelineStage.EVENT_COMMITTED,
            session_id="s",
            name="Said",
            ordinal=1,
            ui_events=("Shown",),
            entities=(("Line", "a"),),
        ),
        PipelineRecord(stage=PipelineStage.COMMAND_COMPLETED, session_id="s", name="Say"),
    ]


async def test_a_command_that_fails_is_told(hub: Hub, observer: RecordingObserver) -> None:
    async with hub:
        hub.register_command("Say", fail)
        with pytest.raises(ValueError, match="no"):
            await hub.submit("s", "Say", text("hi"))
    assert [record.stage for record in observer.pipeline] == [
        PipelineStage.COMMAND_STARTED,
        PipelineStage.COMMAND_FAILED,
    ]


async def test_a_projections_error_is_told(hub: Hub, observer: RecordingObserver) -> None:
    async with hub:
        with pytest.raises(ProjectionError):
            await say(hub, "bad")
    (record,) = observer.errors
    assert (record.source, record.ordinal) == (ErrorSource.TIMELINE_PROJECTION, 1)
    assert [committed.entities for committed in observer.pipeline] == [()]


async def test_what_an_observer_raises_goes_no_further(
    hub: Hub, observer: RecordingObserver
) -> None:
    """The fixture's first observer always raises."""
    async with hub:
        assert (await say(hub, "x")).ordinal == 1
    assert len(observer.records) == 1


async def test_what_an_observer_raises_is_logged(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    async with hub:
        await say(hub, "x")
    assert "can't see" in caplog.text


class TestASlowObserver:
    """It blocks, as `time.sleep` or a slow disk would, until the test lets it go on."""

    async def test_delays_neither_a_publish_nor_the_other_observers(
        self, registry: SchemaRegistry, observer: RecordingObserver
    ) -> None:
        is_open = threading.Event()
        has_seen_all = threading.Event()

        def block(record: Record) -> None:
            assert is_open.wait(60)

        def see(record: Record) -> None:
            observer(record)
            if len(observer.records) == 5:
                has_seen_all.set()

        async with Hub(registry, observers=[block, see]) as hub:
            for ordinal in range(1, 6):
                assert (await say(hub, "x")).ordinal == ordinal
            assert has_seen_all.wait(60)
            is_open.set()
        assert [record.ordinal for record in observer.pipeline] == [1, 2, 3, 4, 5]

    async def test_loses_what_exceeds_its_queue_and_is_told_how_much(
        self, registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sessionstream.observer.MAX_WAITING_RECORDS", 4)
        is_open = threading.Event()
        begun = threading.Event()
        records: list[Record] = []

        def block(record: Record) -> None:
            begun.set()
            assert is_open.wait(60)
            records.append(record)

        async with Hub(registry, observers=[block]) as hub:
            await say(hub, "x")
            assert begun.wait(60)
            for _ in range(9):
                await say(hub, "x")
            assert hub.observers.dropped == 5
            is_open.set()
        ordinals = [record.ordinal for record in records if isinstance(record, PipelineRecord)]
        assert ordinals == [1, 2, 3, 4, 5]
        assert records[-1] == DropRecord(count=5)

    async def test_one_that_never_returns_does_not_keep_the_hub_open(
        self, registry: SchemaRegistry
    ) -> None:
        is_open = threading.Event()

        def block(record: Record) -> None:
            is_open.wait(60)

        hub = Hub(registry, observers=[block], drain_seconds=0.0)
        await say(hub, "x")
        await hub.aclose()
        is_open.set()


async def test_one_that_would_end_its_thread_gets_what_comes_next(
    registry: SchemaRegistry, observer: RecordingObserver
) -> None:
    def leave(record: Record) -> None:
        observer(record)
        raise SystemExit(1)

    async with Hub(registry, observers=[leave]) as hub:
        await say(hub, "x")
        await say(hub, "x")
    assert [record.ordinal for record in observer.pipeline] == [1, 2]


def test_without_observers_there_is_nobody_to_build_a_record_for() -> None:
    assert not Observers()
    assert Observers([blind])


async def test_no_record_is_built_when_nobody_observes(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**fields: object) -> None:
        pytest.fail("a record was built")

    for module in ("commands", "event_records"):
        monkeypatch.setattr(f"sessionstream.{module}.PipelineRecord", refuse)
    async with Hub(registry) as hub:
        hub.register_command("Say", handle)
        await hub.submit("s", "Say", text("hi"))


async def test_an_ephemeral_event_is_told_when_it_has_passed(
    hub: Hub, observer: RecordingObserver
) -> None:
    async with hub:
        await hub.publish("s", "Blinked", text("now"))
    assert observer.pipeline == [
        PipelineRecord(
            stage=PipelineStage.EVENT_PASSED, session_id="s", name="Blinked", ui_events=("Shown",)
        )
    ]


def test_an_async_observer_is_refused() -> None:
    async def watch(record: Record) -> None: ...

    class Watcher:
        async def __call__(self, record: Record) -> None: ...

    for observer in (watch, Watcher()):
        with pytest.raises(SchemaError, match="observer is a plain function"):
            Observers([cast(Observer, observer)])
