"""Which sessions stay in memory."""

from __future__ import annotations

import asyncio

import pytest

from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.lanes import EVICTION_PROBES, Lanes
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Lines, lines, say, settled


class Counting:
    """A metadata factory: it is called when a session comes into memory."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def __call__(self, session_id: str) -> object:
        self.calls.append(session_id)
        return None

    def loaded(self, session_id: str) -> int:
        return self.calls.count(session_id)


@pytest.fixture(autouse=True)
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionstream.lanes.LANE_BYTES", 1000)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, counting: Counting, timeline: Lines) -> Hub:
    hub = Hub(registry, store=gated, session_metadata=counting, cache_bytes=2000)
    hub.register_timeline_projection(timeline)
    return hub


class TestIdleSessions:
    async def test_the_one_that_was_used_longest_ago_leaves_memory(
        self, hub: Hub, counting: Counting
    ) -> None:
        async with hub:
            for session_id in ("a", "b", "a", "c"):
                await say(hub, "x", session_id)
            await say(hub, "x", "a")
            assert counting.loaded("a") == 1
            await say(hub, "x", "b")
            assert counting.loaded("b") == 2

    async def test_what_was_in_it_is_read_again(self, hub: Hub) -> None:
        async with hub:
            await say(hub, "a=1", "s")
            for session_id in ("x", "y", "z"):
                await say(hub, "x", session_id)
            assert (await say(hub, "b=2", "s")).ordinal == 2
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_a_projection_that_is_held_back_stays_so(self, hub: Hub, timeline: Lines) -> None:
        timeline.bad = {"a=1"}
        async with hub:
            with pytest.raises(Exception, match="timeline projection"):
                await say(hub, "a=1", "s")
            for session_id in ("x", "y", "z"):
                await say(hub, "x", session_id)
            timeline.bad = set()
            await say(hub, "b=2", "s")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_their_number_comes_back_to_the_limit_after_a_burst(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            burst = [asyncio.ensure_future(say(hub, "x", str(number))) for number in range(50)]
            await gated.wait_held()
            gated.release()
            await asyncio.gather(*burst)
            for _ in range(50):
                await say(hub, "x", "last")
            assert len(hub._lanes._lanes) == 2


class TestSessionsInUse:
    async def test_one_whose_commit_is_in_flight_stays(
        self, hub: Hub, gated: GatedStore, counting: Counting
    ) -> None:
        async with hub:
            gated.hold()
            published = asyncio.ensure_future(say(hub, "a=1", "s"))
            await gated.wait_held()
            for session_id in ("x", "y", "z"):
                await hub.session(session_id)
            gated.release()
            await published
            assert (await say(hub, "b=2", "s")).ordinal == 2
            assert counting.loaded("s") == 1

    async def test_one_whose_publisher_gave_up_stays_until_the_commit_has_ended(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            published = asyncio.ensure_future(say(hub, "a=1", "s"))
            await gated.wait_held()
            published.cancel()
            await asyncio.wait([published])
            for session_id in ("x", "y", "z"):
                await hub.session(session_id)
            second = asyncio.ensure_future(say(hub, "b=2", "s"))
            await settled()
            gated.release()
            assert (await second).ordinal == 2

    async def test_one_with_a_running_task_stays(self, hub: Hub, counting: Counting) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            done = asyncio.Event()

            async def wait() -> None:
                await done.wait()

            tasks.start("answer", wait())
            for session_id in ("x", "y", "z", "s"):
                await hub.session(session_id)
            assert counting.loaded("s") == 1
            done.set()
            await tasks.wait_idle()
            for session_id in ("x", "y", "z", "s"):
                await hub.session(session_id)
            assert counting.loaded("s") == 2


class TestTheCostOfAUse:
    async def test_it_is_flat_however_many_sessions_are_in_use(self) -> None:
        asked: list[str] = []

        def busy(session_id: str) -> bool:
            asked.append(session_id)
            return True

        lanes = Lanes(busy, limit=10_000)
        for number in range(1000):
            with lanes.use(str(number)):
                pass
        asked.clear()
        with lanes.use("0"):
            pass
        assert len(asked) <= EVICTION_PROBES


class TestAnEmptyStore:
    async def test_a_store_that_is_false_is_a_store(self, registry: SchemaRegistry) -> None:
        class Sized(MemoryStore):
            def __len__(self) -> int:
                return 0

        store = Sized()
        async with Hub(registry, store=store) as hub:
            await say(hub, "x")
        assert await store.sessions() == ["s"]
