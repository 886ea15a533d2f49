"""P1: the events of a session are in one order, for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import (
    Event,
    Hub,
    HydrationStore,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.promises import counter
from tests.promises.counter import ONE, SESSION


class Seeing:
    """Projections of the counter that remember the ordinals that they were given."""

    def __init__(self, hub: Hub) -> None:
        self.ui: list[int] = []
        self.timeline: list[int] = []
        hub.register_ui_projection(self._show)
        hub.register_timeline_projection(self._count)

    def _show(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[UIEvent[Message]]:
        self.ui.append(event.ordinal)
        return counter.show(event, session, view)

    def _count(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[TimelineEntity[Message]]:
        self.timeline.append(event.ordinal)
        return counter.count(event, session, view)


class TestP1Order:
    async def test_p1_eight_tasks_publish_into_one_order_without_gaps(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        fanout = RecordingFanout()
        async with Hub(registry, store=store, fanout=fanout) as hub:
            seeing = Seeing(hub)

            async def publish() -> list[int]:
                return [(await hub.publish(SESSION, "Added", ONE)).ordinal for _ in range(500)]

            by_task = await asyncio.gather(*(publish() for _ in range(8)))
            snapshot = await hub.snapshot(SESSION)

        everything = list(range(1, 4001))
        assert sorted(ordinal for ordinals in by_task for ordinal in ordinals) == everything
        assert all(ordinals == sorted(ordinals) for ordinals in by_task)
        assert seeing.ui == everything
        assert seeing.timeline == everything
        assert [batch.ordinal for batch in fanout.batches] == everything
        assert counter.number(snapshot.entities[0].payload) == 4000

    async def test_p1_ordinals_follow_the_order_of_the_calls(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            calls = [hub.publish(SESSION, "Added", Int64Value(value=n)) for n in range(50)]
            events = await asyncio.gather(*calls)

        assert [(event.ordinal, event.payload.value) for event in events] == [
            (n + 1, n) for n in range(50)
        ]

    async def test_p1_sessions_count_on_their_own(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            first = [await hub.publish("a", "Added", ONE) for _ in range(3)]
            other = await hub.publish("b", "Added", ONE)

        assert [event.ordinal for event in first] == [1, 2, 3]
        assert other.ordinal == 1
