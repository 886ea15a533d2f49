"""What is told of a fan-out that fails, however long it does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message

from sessionstream import ErrorSource, Hub, HydrationStore, SchemaRegistry, UIEvent
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import Batch, RecordingFanout, RecordingObserver
from tests.runtime.app import Shows, say, settled


class Broken:
    """Refuses the batches of some sessions."""

    def __init__(self, *sessions: str) -> None:
        self.sessions = set(sessions)

    def __call__(self, batch: Batch) -> None:
        if batch.session_id in self.sessions:
            raise ConnectionError(f"gone at {batch.ordinal}")


class StuckThenBroken:
    def __init__(self) -> None:
        self.broken = asyncio.Event()

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        await self.broken.wait()
        raise ConnectionError("gone")


@pytest.fixture
def broken() -> Broken:
    return Broken("s")


@pytest.fixture
def hub(registry: SchemaRegistry, broken: Broken, observer: RecordingObserver) -> Hub:
    hub = Hub(registry, fanout=RecordingFanout(broken), observers=[observer])
    hub.register_ui_projection(Shows())
    return hub


def told(observer: RecordingObserver) -> list[tuple[str, int, str]]:
    return [(error.session_id, error.ordinal, error.message) for error in observer.errors]


class TestAFanoutThatFails:
    async def test_is_told_of_at_once_and_with_the_sum_when_it_works_again(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        async with hub:
            for _ in range(50):
                await say(hub, "x")
            broken.sessions.clear()
            for _ in range(3):
                await say(hub, "x")
        assert told(observer) == [
            ("s", 1, "gone at 1"),
            ("s", 50, "failed on 50 batches in a row, at last with ConnectionError: gone at 50"),
        ]

    async def test_once_has_no_sum(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        async with hub:
            await say(hub, "x")
            broken.sessions.clear()
            await say(hub, "x")
        assert told(observer) == [("s", 1, "gone at 1")]

    async def test_again_after_it_worked_is_told_of_again(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        async with hub:
            for sessions in ({"s"}, set[str](), {"s"}):
                broken.sessions = sessions
                await say(hub, "x")
        assert told(observer) == [("s", 1, "gone at 1"), ("s", 3, "gone at 3")]

    async def test_for_ever_is_told_in_full_at_the_end(
        self, hub: Hub, observer: RecordingObserver
    ) -> None:
        async with hub:
            for _ in range(7):
                await say(hub, "x")
        assert [ordinal for _, ordinal, _ in told(observer)] == [1, 7]

    async def test_is_told_in_full_when_it_is_removed(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        async with hub:
            hub.add_fanout(second := RecordingFanout(broken))
            for _ in range(3):
                await say(hub, "x")
            hub.remove_fanout(second)
            await hub.observers.flush(5.0)
            assert [ordinal for _, ordinal, _ in told(observer)] == [1, 1, 3]

    async def test_is_told_in_full_when_what_was_queued_at_its_removal_has_failed(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        async with hub:
            broken.sessions.clear()
            hub.add_fanout(stuck := StuckThenBroken())
            for _ in range(3):
                await say(hub, "x")
            hub.remove_fanout(stuck)
            stuck.broken.set()
            await settled()
            await hub.observers.flush(5.0)
            assert [ordinal for _, ordinal, _ in told(observer)] == [1, 3]

    async def test_in_some_sessions_is_told_of_for_each_and_keeps_the_others(
        self, hub: Hub, broken: Broken, observer: RecordingObserver
    ) -> None:
        broken.sessions = {"s", "t"}
        async with hub:
            for session_id in ("s", "t", "good") * 3:
                await say(hub, "x", session_id)
        assert [(session_id, ordinal) for session_id, ordinal, _ in told(observer)] == [
            ("s", 1),
            ("t", 1),
            ("s", 3),
            ("t", 3),
        ]

    async def test_in_very_many_sessions_is_remembered_for_those_of_late(
        self,
        hub: Hub,
        broken: Broken,
        observer: RecordingObserver,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("sessionstream.failing.MAX_FAILING_SESSIONS", 2)
        broken.sessions = {"a", "b", "c"}
        async with hub:
            for session_id in "aabbac":
                await say(hub, "x", session_id)
            await settled()
            await hub.observers.flush(5.0)
            # "c" pushed out what had not failed for the longest time.
            assert [(session_id, ordinal) for session_id, ordinal, _ in told(observer)] == [
                ("a", 1),
                ("b", 1),
                ("c", 1),
                ("b", 2),
            ]


class TestTheRecordOfAFanout:
    async def test_is_an_open_dead_letter_until_it_is_resolved(self, hub: Hub) -> None:
        async with hub:
            await say(hub, "x")
            await settled()
            [record] = await hub.errors("s", source=ErrorSource.FANOUT)
            assert (record.name, record.ordinal) == ("RecordingFanout", 1)
            assert await hub.resolve(record)
            assert await hub.errors("s") == []

    async def test_brings_no_deleted_session_back(self, registry: SchemaRegistry) -> None:
        fanout = StuckThenBroken()
        store = MemoryStore()
        async with Hub(registry, store=store, fanout=fanout) as hub:
            hub.register_ui_projection(Shows())
            await say(hub, "x")
            await hub.delete_session("s")
            fanout.broken.set()
            await settled()
            assert await store.sessions() == []

    async def test_of_its_end_is_stored_when_the_hub_is_closed(
        self, registry: SchemaRegistry, store: HydrationStore, broken: Broken
    ) -> None:
        async with Hub(registry, store=store, fanout=RecordingFanout(broken)) as hub:
            hub.register_ui_projection(Shows())
            for _ in range(5):
                await say(hub, "x")
        messages = [record.message for record in await store.errors("s")]
        assert "failed on 5 batches in a row, at last with ConnectionError: gone at 5" in messages

    async def test_is_kept_apart_from_that_of_another_of_its_class(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            for _ in range(2):
                hub.add_fanout(RecordingFanout(Broken("s")))
            hub.register_ui_projection(Shows())
            await say(hub, "x")
        assert {record.name for record in await store.errors("s")} == {
            "RecordingFanout",
            "RecordingFanout 2",
        }
