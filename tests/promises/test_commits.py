"""P2 and P3: what a commit holds, and that nobody is told of it before."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Hub, HydrationStore, SchemaRegistry, StoreError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from sessionstream.testing.stores.backend import entities_of, events_of
from tests.promises import counter
from tests.promises.counter import ONE, SESSION


class TestP2AllOrNothing:
    async def test_p2_the_stored_timeline_is_the_fold_of_the_log(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            counter.install(hub)
            for value in range(20):
                await hub.publish(SESSION, "Added", Int64Value(value=value))

        events = await events_of(store, SESSION)
        (entity,) = await entities_of(store, SESSION)
        cursors = await store.cursors(SESSION)
        assert counter.number(entity.payload) == counter.fold(events)
        assert cursors.timeline == cursors.ui == cursors.event == len(events)

    async def test_p2_a_commit_that_fails_leaves_nothing_of_its_events(
        self, registry: SchemaRegistry
    ) -> None:
        store = GatedStore(MemoryStore())
        async with Hub(registry, store=store) as hub:
            counter.install(hub)
            await hub.publish(SESSION, "Added", ONE)
            store.fail_next(StoreError("memory", "the disk is gone"))
            with pytest.raises(StoreError, match="the disk is gone"):
                await hub.publish(SESSION, "Added", ONE)
            event = await hub.publish(SESSION, "Added", Int64Value(value=10))
            snapshot = await hub.snapshot(SESSION)

        assert event.ordinal == 2
        assert counter.number(snapshot.entities[0].payload) == 11


class TestP3Durable:
    async def test_p3_publish_returns_and_clients_see_only_after_the_commit(
        self, registry: SchemaRegistry
    ) -> None:
        store, fanout = GatedStore(MemoryStore()), RecordingFanout()
        store.hold()
        async with Hub(registry, store=store, fanout=fanout) as hub:
            counter.install(hub)
            publishing = asyncio.create_task(hub.publish(SESSION, "Added", ONE))
            await store.wait_held()
            during = await hub.snapshot(SESSION)

            assert not publishing.done()
            assert not fanout.batches
            assert during.snapshot_ordinal == 0

            store.release()
            await publishing
            after = await hub.snapshot(SESSION)

        assert [batch.ordinal for batch in fanout.batches] == [1]
        assert after.snapshot_ordinal == 1

    async def test_p3_a_failed_commit_is_never_shown(self, registry: SchemaRegistry) -> None:
        store, fanout = GatedStore(MemoryStore()), RecordingFanout()
        store.fail_next(StoreError("memory", "no"))
        async with Hub(registry, store=store, fanout=fanout) as hub:
            counter.install(hub)
            with pytest.raises(StoreError):
                await hub.publish(SESSION, "Added", ONE)

        assert not fanout.batches
