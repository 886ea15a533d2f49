"""Stored entities that a later release can't read: the timeline is made anew from the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    ErrorSource,
    Event,
    Hub,
    SchemaRegistry,
    Session,
    StoreFullError,
    TimelineEntity,
    TimelineView,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, line, lines, make_registry, say, text_of
from tests.runtime.releases import (
    Counts,
    change,
    publish,
    registry_with_counts,
    running,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


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
