from __future__ import annotations

from typing import cast

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
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


def test_without_observers_there_is_nobody_to_build_a_record_for() -> None:
    assert not Observers()
    assert Observers([blind])


async def test_no_record_is_built_when_nobody_observes(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**fields: object) -> None:
        pytest.fail("a record was built")

    for module in ("commands", "commits"):
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

    with pytest.raises(SchemaError, match="observer is a plain function"):
        Observers([cast(Observer, watch)])
