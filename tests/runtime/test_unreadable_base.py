"""A compacted log whose base has entities that can't be read with the registered types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import (
    ErrorRecord,
    ErrorSource,
    Event,
    Hub,
    ProjectionError,
    Session,
    StoreCorruptError,
    TimelineEntity,
    TimelineView,
)
from sessionstream.hydration.sqlite import SQLiteStore
from tests.runtime.app import Lines, Shows, lines, make_registry, refused, say

Running = Callable[..., AbstractAsyncContextManager[Hub]]


class Tallies(Lines):
    """Writes lines, and beside each a tally of a kind that a later release no longer has."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        yield from super().project(event, session, view)
        tally = Int64Value(value=event.ordinal)
        yield TimelineEntity(kind="Tally", id=str(event.ordinal), payload=tally)


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """Runs a release of the application, with tallies or without, on one file."""

    @asynccontextmanager
    async def run(
        *,
        tallies: bool,
        timeline: Lines | None = None,
        ui: Shows | None = None,
        name: str = "lines",
    ) -> AsyncIterator[Hub]:
        registry = make_registry()
        if tallies:
            registry.register_timeline_entity("Tally", Int64Value)
        async with (
            SQLiteStore.open(tmp_path / "store.db", registry, durability="normal") as store,
            Hub(registry, store=store) as hub,
        ):
            projection = timeline or (Tallies() if tallies else Lines())
            hub.register_timeline_projection(projection, name)
            hub.register_ui_projection(ui or Shows())
            yield hub

    return run


@pytest.fixture
async def compacted(running: Running) -> None:
    """Of the events 1 to 3 the last is in the log; two lines and two tallies lie below it."""
    async with running(tallies=True) as hub:
        for value in ("a=1", "b=2", "c=3"):
            await say(hub, value)
        await hub.compact("s", keep=1)


async def the_record(hub: Hub) -> ErrorRecord:
    [record] = await hub.errors()
    return record


@pytest.mark.usefixtures("compacted")
class TestUnreadableBase:
    async def test_is_one_dead_letter_for_each_kind(self, running: Running) -> None:
        async with running(tallies=False) as hub:
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2", "c=3"]
            await hub.rebuild_timeline("s")
            record = await the_record(hub)
        assert (record.source, record.name, record.ordinal) == (ErrorSource.STORE, "Tally", 2)
        assert record.message.startswith("2 of the entities that the log begins with can't be read")
        assert "no entity 'Tally' is registered; register it again" in record.message

    async def test_is_recorded_once_by_replays_for_readers(self, running: Running) -> None:
        async with running(tallies=False) as hub:
            await hub.snapshot("s")
            await hub.resolve(await the_record(hub))
            for _ in range(3):
                assert lines(await hub.snapshot("s", as_of=2)) == ["a=1", "b=2"]
            await say(hub, "d=4")
            assert (await the_record(hub)).attempts == 2

    async def test_is_whole_again_when_its_kind_is_registered_and_the_record_retried(
        self, running: Running
    ) -> None:
        async with running(tallies=False) as hub:
            await hub.rebuild_timeline("s")
        async with running(tallies=True) as hub:
            assert await hub.retry(await the_record(hub))
            kinds = [entity.kind for entity in (await hub.snapshot("s")).entities]
            assert sorted(kinds) == 3 * ["Line"] + 3 * ["Tally"]
            assert await hub.errors() == []

    async def test_is_over_when_its_kind_is_registered_and_the_timeline_rebuilt(
        self, running: Running
    ) -> None:
        async with running(tallies=False) as hub:
            await hub.rebuild_timeline("s")
        async with running(tallies=True) as hub:
            await hub.snapshot("s")
            assert await hub.errors() != []
            await hub.rebuild_timeline("s")
            assert await hub.errors() == []

    async def test_is_over_when_its_kind_is_registered_and_a_projection_added(
        self, running: Running
    ) -> None:
        async with running(tallies=False) as hub:
            await hub.rebuild_timeline("s")
        async with running(tallies=True, name="added") as hub:
            await hub.snapshot("s")
            assert await hub.errors() == []

    async def test_is_not_compacted_further(self, running: Running) -> None:
        """What can't be read now would be lost for good."""
        async with running(tallies=False) as hub:
            told = r"event 2 \(Tally\) of session 's' can't be read, and would be lost: 2 of"
            with pytest.raises(StoreCorruptError, match=told):
                await hub.compact("s", keep=0)
            assert (await hub.snapshot("s", as_of=2)).snapshot_ordinal == 2
        async with running(tallies=True) as hub:
            assert await hub.compact("s", keep=0) == 3

    async def test_is_recorded_by_a_rebuild_that_fails(self, running: Running) -> None:
        async with running(tallies=False, timeline=Lines("c=3")) as hub:
            with pytest.raises(ProjectionError):
                await hub.rebuild_timeline("s")
            sources = {(record.source, record.ordinal) for record in await hub.errors()}
        assert sources == {(ErrorSource.STORE, 2), (ErrorSource.TIMELINE_PROJECTION, 3)}


async def test_a_base_that_can_t_be_read_is_left_out_of_what_a_ui_projection_catches_up_on(
    running: Running,
) -> None:
    async with running(tallies=True) as hub:
        for value in ("a=1", "b=2"):
            await say(hub, value)
        await hub.compact("s", keep=1)
    ui = Shows("c=3")
    async with running(tallies=False, ui=ui) as hub:
        await refused(hub, "c=3")
        [record] = await hub.errors(source=ErrorSource.STORE)
        await hub.resolve(record)
    ui.bad = set()
    async with running(tallies=False, ui=ui) as hub:
        await say(hub, "d=4")
        record = await the_record(hub)
    assert (record.source, record.ordinal) == (ErrorSource.STORE, 1)
