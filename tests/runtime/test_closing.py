"""A Hub that is closed at an awkward moment: under every kind of load, or after its store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    HubClosedError,
    HydrationStore,
    PipelineStage,
    SchemaRegistry,
    Session,
    StoreClosedError,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, forever, lines, say, settled, text

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]

SESSIONS = [f"s{number}" for number in range(8)]


class Load:
    """Clients that submit, handlers and tasks that publish, until the Hub refuses all of it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.acknowledged = dict.fromkeys(SESSIONS, 0)
        self.busy = asyncio.Event()

    async def handle(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        for number in range(3):
            await self.note(session.id, publisher, f"{number}")
        session.tasks.start("more", self.go_on(session.id, publisher))

    async def go_on(self, session_id: str, publisher: EventPublisher) -> None:
        try:
            while True:
                await self.note(session_id, publisher, "more")
        finally:
            await self.note(session_id, publisher, "end")

    async def note(self, session_id: str, publisher: EventPublisher, value: str) -> None:
        await publisher.publish("Said", text(f"a={value}"))
        self.acknowledged[session_id] += 1
        if all(count > 10 for count in self.acknowledged.values()):
            self.busy.set()

    async def submit(self, session_id: str) -> None:
        while True:
            try:
                await self.hub.submit(session_id, "Say", text("x"))
            except HubClosedError:
                return


async def test_under_load_all_that_was_acknowledged_is_stored_shown_and_observed(
    registry: SchemaRegistry, open_store: OpenStore, observer: RecordingObserver
) -> None:
    fanout = RecordingFanout()
    async with open_store() as store:
        hub = Hub(registry, store=store, fanout=fanout, observers=[observer])
        hub.register_timeline_projection(Lines())
        hub.register_ui_projection(Shows())
        load = Load(hub)
        hub.register_command("Say", load.handle)
        async with asyncio.TaskGroup() as group:
            for session_id in SESSIONS:
                group.create_task(load.submit(session_id))
            await load.busy.wait()
            await hub.aclose()
    async with open_store() as store, Hub(registry, store=store) as again:
        stored = {each: await again.event_cursor(each) for each in SESSIONS}
        for session_id in SESSIONS:
            snapshot = await again.snapshot(session_id)
            assert snapshot.snapshot_ordinal == stored[session_id]
            assert lines(snapshot) == ["a=end"]
    # A task that is cancelled while it publishes does not learn that its event was stored.
    assert all(stored[each] >= load.acknowledged[each] for each in SESSIONS)
    committed = [r for r in observer.pipeline if r.stage is PipelineStage.EVENT_COMMITTED]
    for session_id, head in stored.items():
        assert fanout.ordinals(session_id) == list(range(1, head + 1))
        ordinals = [record.ordinal for record in committed if record.session_id == session_id]
        assert ordinals == list(range(1, head + 1))


class TestAStoreThatWasClosedFirst:
    """The other way round than `async with` would do it."""

    async def test_publishers_are_told_and_the_hub_closes(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        async with open_store() as store:
            hub = Hub(registry, store=store)
            await say(hub, "a=1")
            await store.aclose()
            with pytest.raises(StoreClosedError):
                await say(hub, "a=2")
            await hub.aclose()
            await hub.aclose()

    async def test_entities_that_were_not_stored_yet_are_caught_up_by_the_next_hub(
        self, registry: SchemaRegistry, tmp_path: Path
    ) -> None:
        path = tmp_path / "store.db"
        async with SQLiteStore.open(path, registry) as store:
            hub = Hub(registry, store=store)
            hub.register_timeline_projection(Lines())
            await say(hub, "a=1")
            await say(hub, "a=2")
            await store.aclose()
            await hub.aclose()
        async with SQLiteStore.open(path, registry) as store, Hub(registry, store=store) as again:
            again.register_timeline_projection(Lines())
            assert lines(await again.snapshot("s")) == ["a=2"]

    async def test_tasks_that_publish_as_they_end_hold_up_nothing(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        async def end() -> None:
            try:
                await forever()
            finally:
                await hub._publish("s", [("Said", text("end"))])

        async with open_store() as store:
            hub = Hub(registry, store=store)
            (await hub.session("s")).tasks.start("it", end())
            await settled()
            await store.aclose()
            await hub.aclose()


class TestAHubThatWasNeverOpened:
    def test_leaves_nothing_to_close(self, registry: SchemaRegistry) -> None:
        """Made outside of any event loop, and forgotten: warnings are errors here."""
        Hub(registry, observers=[lambda record: None])

    def test_can_be_closed_in_a_loop_that_it_was_not_made_in(
        self, registry: SchemaRegistry
    ) -> None:
        hub = Hub(registry, observers=[lambda record: None])
        asyncio.run(hub.aclose())
