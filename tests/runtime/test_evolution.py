"""Logs that hold events which the application can't read any more."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    Observer,
    ProjectionError,
    Projector,
    SchemaRegistry,
    Session,
    StoreFullError,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.projection import AnyTimelineProjection, AnyUIProjection
from sessionstream.testing.fakes import GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, line, lines, make_registry, say, shown, text_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def registry_with_counts() -> SchemaRegistry:
    registry = make_registry()
    registry.register_event("Counted", Int64Value)
    return registry


class Counts:
    """Makes a line of every event, whatever it holds."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        assert isinstance(event.payload, StringValue | Int64Value)
        yield line(str(event.ordinal), str(event.payload.value))


class Tells:
    """Shows the lines as they stood before each event."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[UIEvent[Message]]:
        yield shown(f"{event.ordinal} after {view.ordinal}:{len(view.list())}")


@asynccontextmanager
async def running(
    path: Path,
    registry: SchemaRegistry,
    *,
    timeline: AnyTimelineProjection | None = None,
    ui: AnyUIProjection | None = None,
    fanout: RecordingFanout | None = None,
    observers: tuple[Observer, ...] = (),
) -> AsyncIterator[tuple[Hub, SQLiteStore]]:
    async with (
        SQLiteStore.open(path, registry, durability="normal") as store,
        Hub(registry, store=store, fanout=fanout, observers=observers) as hub,
    ):
        hub.register_timeline_projection(timeline or Counts())
        hub.register_ui_projection(ui or Tells())
        yield hub, store


async def publish(hub: Hub, *values: str | int) -> None:
    for value in values:
        if isinstance(value, int):
            await hub.publish("s", "Counted", Int64Value(value=value))
        else:
            await hub.publish("s", "Said", StringValue(value=value))


async def forget_timeline(path: Path) -> None:
    async with SQLiteStore.open(path, make_registry()) as store:
        await store.clear_timeline("s")


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute(statement).rowcount == 1


@pytest.fixture
async def log(path: Path) -> Path:
    """A store whose session has a sound event, one that will be unknown, and a sound one."""
    async with running(path, registry_with_counts()) as (hub, _):
        await publish(hub, "one", 2, "three")
    return path


class TestUnreadableEvent:
    async def test_it_leaves_a_session_open_to_readers_and_publishers(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            assert lines(await hub.snapshot("s")) == ["1=one", "2=2", "3=three"]
            assert (await say(hub, "four")).ordinal == 4

    async def test_a_rebuild_goes_on_without_it(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            assert await hub.rebuild_timeline("s") == 3
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]

    async def test_a_catch_up_goes_on_without_it(self, log: Path) -> None:
        await forget_timeline(log)
        async with running(log, make_registry()) as (hub, _):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            assert await hub.cursor("s") == 3

    async def test_a_publish_after_a_restart_catches_up_past_it(self, log: Path) -> None:
        await forget_timeline(log)
        async with running(log, make_registry()) as (hub, _):
            await say(hub, "four")
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three", "4=four"]

    async def test_a_past_snapshot_leaves_it_out(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            past = [await hub.snapshot("s", as_of=ordinal) for ordinal in (1, 2, 3)]
        assert [lines(snapshot) for snapshot in past] == [
            ["1=one"],
            ["1=one"],
            ["1=one", "3=three"],
        ]
        assert [snapshot.snapshot_ordinal for snapshot in past] == [1, 2, 3]

    async def test_the_last_of_a_log_is_passed_too(self, path: Path) -> None:
        async with running(path, registry_with_counts()) as (hub, _):
            await publish(hub, "one", 2)
        await forget_timeline(path)
        async with running(path, make_registry()) as (hub, _):
            assert await hub.cursor("s") == 2

    async def test_it_is_one_dead_letter_however_often_it_is_met(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, store):
            for _ in range(2):
                await hub.rebuild_timeline("s")
                await hub.snapshot("s", as_of=3)
            [record] = await store.errors("s")
        assert (record.source, record.ordinal, record.name) == (ErrorSource.STORE, 2, "Counted")
        assert "google.protobuf.Int64Value" in record.message
        assert "register it again" in record.message

    async def test_a_replay_for_readers_records_it_once(self, log: Path) -> None:
        observer = RecordingObserver()
        async with running(log, make_registry(), observers=(observer,)) as (hub, store):
            for _ in range(3):
                await hub.snapshot("s", as_of=3)
            await hub.aclose()
            [record] = await store.errors("s")
        assert (record.ordinal, record.attempts) == (2, 1)
        assert [error.ordinal for error in observer.errors] == [2]

    async def test_damaged_bytes_are_no_more_than_that(self, log: Path) -> None:
        change(log, "UPDATE events SET payload = x'ff' WHERE ordinal = 1")
        async with running(log, registry_with_counts()) as (hub, store):
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["2=2", "3=three"]
            [record] = await store.errors("s")
        assert "damaged" in record.message

    async def test_a_rebuild_holds_it_once_it_is_registered_again(self, log: Path) -> None:
        async with running(log, make_registry()) as (hub, _):
            await hub.rebuild_timeline("s")
        async with running(log, registry_with_counts()) as (hub, _):
            assert len(await hub.errors()) == 1
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["1=one", "2=2", "3=three"]
            assert await hub.errors() == []


class TestUnreadableEventAndHeldBackProjections:
    """A projection that fails on one event passes an unreadable one on its way back."""

    async def test_the_timeline_catches_up_past_it(self, path: Path) -> None:
        async with running(path, registry_with_counts(), timeline=Lines("a=1")) as (hub, _):
            for value in ("a=1", 2):
                with pytest.raises(ProjectionError):
                    await publish(hub, value)
        async with running(path, make_registry(), timeline=Lines()) as (hub, _):
            await say(hub, "c=3")
            assert lines(await hub.snapshot("s")) == ["a=1", "c=3"]

    async def test_the_record_of_one_on_which_it_failed_stays(self, path: Path) -> None:
        async with running(path, registry_with_counts(), timeline=Lines()) as (hub, _):
            with pytest.raises(ProjectionError):
                await publish(hub, 2)
        async with running(path, make_registry(), timeline=Lines()) as (hub, _):
            await say(hub, "c=3")
            sources = [record.source for record in await hub.errors()]
        assert sorted(sources) == [ErrorSource.STORE, ErrorSource.TIMELINE_PROJECTION]

    async def test_the_ui_projection_sees_the_timeline_as_it_stood(self, path: Path) -> None:
        async with running(path, registry_with_counts(), ui=Shows("bad")) as (hub, _):
            for value in ("bad", 2, "c"):
                with pytest.raises(ProjectionError):
                    await publish(hub, value)
        fanout = RecordingFanout()
        async with running(path, make_registry(), fanout=fanout) as (hub, _):
            await say(hub, "d")
            assert await hub.projection_cursor(Projector.UI, "s") == 4
        told = [text_of(payload) for payload in fanout.payloads("s")]
        # What was replayed for it lacks the second event; the stored timeline holds its line.
        assert told == ["1 after 0:0", "3 after 2:1", "4 after 3:3"]


class Tallies:
    """Makes a line of a text and a tally of a number, which only an older release knows."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        if isinstance(event.payload, Int64Value):
            yield TimelineEntity(kind="Tally", id=str(event.ordinal), payload=event.payload)
        else:
            yield line(str(event.ordinal), text_of(event.payload))


def older_registry() -> SchemaRegistry:
    registry = registry_with_counts()
    registry.register_timeline_entity("Tally", Int64Value)
    return registry


@pytest.fixture
async def tallied(path: Path) -> Path:
    """A store whose session has two lines and a tally."""
    async with running(path, older_registry(), timeline=Tallies()) as (hub, _):
        await publish(hub, "one", 2, "three")
    return path


class OnlyLines(Tallies):
    """The newer release's: nothing comes of numbers."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        assert view.get("Tally", "2") is None
        if isinstance(event.payload, StringValue):
            yield from super().project(event, session, view)


class Counting(OnlyLines):
    """Tells which events it saw."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        self.seen.append(event.ordinal)
        yield from super().project(event, session, view)


class TestUnreadableEntity:
    """The log is the truth: a timeline that can't be read is made anew from it."""

    async def test_the_timeline_is_made_anew_when_the_session_is_read(self, tallied: Path) -> None:
        async with running(tallied, registry_with_counts(), timeline=OnlyLines()) as (hub, store):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            assert {row.id for row in await store.timeline("s")} == {"1", "3"}

    async def test_the_timeline_is_made_anew_before_an_event_changes_it(
        self, tallied: Path
    ) -> None:
        async with running(tallied, registry_with_counts(), timeline=OnlyLines()) as (hub, store):
            await publish(hub, "four")
            assert {row.id for row in await store.timeline("s")} == {"1", "3", "4"}
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three", "4=four"]

    async def test_one_of_a_damaged_payload_comes_back_whole(self, tallied: Path) -> None:
        change(tallied, "UPDATE entities SET payload = x'ff' WHERE id = '1'")
        async with running(tallied, older_registry(), timeline=Tallies()) as (hub, _):
            entities = (await hub.snapshot("s")).entities
        assert [entity.id for entity in entities] == ["1", "2", "3"]
        assert text_of(entities[0].payload) == "one"

    async def test_it_costs_one_rebuild(self, tallied: Path) -> None:
        for expected in ([1, 2, 3, 4, 5], [6, 7]):
            newer = Counting()
            async with running(tallied, registry_with_counts(), timeline=newer) as (hub, _):
                for _ in range(2):
                    await hub.snapshot("s")
                    await publish(hub, "more")
            assert newer.seen == expected

    async def test_a_rebuild_that_fails_is_tried_once(self, tallied: Path) -> None:
        failing = Lines("three")
        async with running(tallied, make_registry(), timeline=failing) as (hub, _):
            for _ in range(2):
                await hub.snapshot("s")
                await publish(hub, "more")
        assert failing.seen == [1, 3, 4, 5]

    async def test_an_event_that_is_gone_with_its_kind_is_left_out_too(self, tallied: Path) -> None:
        async with running(tallied, make_registry(), timeline=OnlyLines()) as (hub, store):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            [record] = await store.errors("s")
        assert (record.source, record.ordinal) == (ErrorSource.STORE, 2)

    async def test_a_rebuild_that_fails_leaves_what_can_be_read(self, tallied: Path) -> None:
        failing = Lines("three")
        async with running(tallied, make_registry(), timeline=failing) as (hub, store):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            await say(hub, "a=4")
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three", "a=4"]
            sources = {(error.source, error.ordinal) for error in await store.errors("s")}
        assert sources == {(ErrorSource.STORE, 2), (ErrorSource.TIMELINE_PROJECTION, 3)}

    async def test_a_rebuild_that_failed_is_tried_again_after_a_restart(
        self, tallied: Path
    ) -> None:
        async with running(tallied, make_registry(), timeline=Lines("three")) as (hub, _):
            await hub.snapshot("s")
        async with running(tallied, make_registry(), timeline=OnlyLines()) as (hub, store):
            await hub.snapshot("s")
            assert {row.id for row in await store.timeline("s")} == {"1", "3"}

    async def test_a_hub_without_projections_shows_what_it_can_and_changes_nothing(
        self, tallied: Path
    ) -> None:
        registry = make_registry()
        async with (
            SQLiteStore.open(tallied, registry, durability="normal") as store,
            Hub(registry, store=store) as hub,
        ):
            assert lines(await hub.snapshot("s")) == ["1=one", "3=three"]
            assert {row.id for row in await store.timeline("s")} == {"1", "2", "3"}

    async def test_a_commit_that_fails_leaves_the_rebuild_to_the_next_reader(
        self, tallied: Path
    ) -> None:
        registry = make_registry()
        async with SQLiteStore.open(tallied, registry, durability="normal") as store:
            gated = GatedStore(store)
            async with Hub(registry, store=gated) as hub:
                hub.register_timeline_projection(Counts())
                gated.fail_next(StoreFullError("memory", "full"))
                await hub.snapshot("s")
                await publish(hub, "four")
                assert lines(await hub.snapshot("s")) == ["1=one", "3=three", "4=four"]
            assert {row.id for row in await store.timeline("s")} == {"1", "3", "4"}
