"""Which publishes share a transaction, and which of them fail with it."""

from __future__ import annotations

import asyncio

import pytest

from sessionstream import (
    Event,
    Hub,
    SchemaRegistry,
    SessionCommit,
    StoreConflictError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, say, settled

FULL = StoreFullError("memory", "no space")


LOCKED = StoreLockedError("memory", "another program writes")


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    gated: GatedStore,
    fanout: RecordingFanout,
    observer: RecordingObserver,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout, observers=[observer])
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub


class TestGroupCommit:
    async def test_what_gathers_behind_a_transaction_is_the_next_one(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            gated.hold()
            published = [asyncio.ensure_future(say(hub, "x", "first"))]
            await gated.wait_held()
            published += [asyncio.ensure_future(say(hub, "x", name)) for name in "abcab"]
            await settled()
            gated.release()
            await asyncio.gather(*published)
        assert [[commit.session_id for commit in batch] for batch in gated.batches] == [
            ["first"],
            ["a", "b", "c"],
        ]
        assert [len(commit.events) for commit in gated.batches[1]] == [2, 2, 1]

    async def test_a_flood_of_one_session_is_cut_into_several(
        self, hub: Hub, gated: GatedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with hub:
            hub._publishing._backlog._limit = 10
            await asyncio.gather(*(say(hub, "x") for _ in range(25)))
        assert [len(commit.events) for (commit,) in gated.batches] == [10, 10, 5]

    async def test_a_conflict_of_one_session_fails_none_of_its_neighbours(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        async with hub:
            event = await say(hub, "x", "torn")
            foreign = Event(session_id="torn", name="Said", ordinal=2, payload=event.payload)
            await gated.inner.commit(
                [SessionCommit(session_id="torn", events=[foreign], ui_cursor=2, timeline_cursor=2)]
            )
            gated.hold()
            published = [asyncio.ensure_future(say(hub, "x", "first"))]
            await gated.wait_held()
            published += [asyncio.ensure_future(say(hub, "x", name)) for name in ("a", "torn", "b")]
            await settled()
            gated.release()
            results = await asyncio.gather(*published, return_exceptions=True)
            assert [type(result) for result in results] == [
                Event,
                Event,
                StoreConflictError,
                Event,
            ]
            assert (await say(hub, "x", "torn")).ordinal == 3

    async def test_what_one_commit_does_not_fit_fails_none_of_its_neighbours(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        """After a failed transaction every commit is tried alone."""
        async with hub:
            results = await self._publish_two_in_one_transaction(hub, gated, FULL)
            assert [type(result) for result in results] == [Event, Event]

    async def test_a_store_that_is_locked_fails_all_of_the_transaction(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        """Each commit alone would wait as long in vain."""
        async with hub:
            results = await self._publish_two_in_one_transaction(hub, gated, LOCKED)
            assert all(result is LOCKED for result in results)
            assert [(await say(hub, "x", name)).ordinal for name in "ab"] == [1, 1]

    async def _publish_two_in_one_transaction(
        self, hub: Hub, gated: GatedStore, error: StoreError
    ) -> list[object]:
        gated.hold()
        first = asyncio.ensure_future(say(hub, "x", "first"))
        await gated.wait_held()
        group = [asyncio.ensure_future(say(hub, "x", name)) for name in "ab"]
        await settled()
        gated.release()
        gated.hold()
        assert (await first).ordinal == 1
        assert len(await gated.wait_held()) == 2
        gated.fail_next(error)
        gated.release()
        return [*await asyncio.gather(*group, return_exceptions=True)]
