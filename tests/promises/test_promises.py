"""The promises of the design that hold now, one class each; P4 is in tests/transport."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value, StringValue

from sessionstream import (
    CommandType,
    Event,
    Hub,
    HydrationStore,
    PayloadTypeError,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    Projector,
    SchemaRegistry,
    Session,
    StoreError,
    TimelineEntity,
    TimelineView,
    UIEvent,
    UnknownNameError,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from sessionstream.testing.stores.backend import entities_of, events_of
from tests.promises import counter

ONE = Int64Value(value=1)
SESSION = "session-1"


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


class TestP6TypesAtEveryBorder:
    """Frames are refused in tests/transport."""

    async def test_p6_submit_refuses_another_commands_payload(
        self, registry: SchemaRegistry
    ) -> None:
        registry.add(CommandType("Add", Int64Value))
        async with Hub(registry) as hub:
            with pytest.raises(PayloadTypeError) as refused:
                await hub.submit(SESSION, "Add", StringValue(value="1"))

        assert str(refused.value) == (
            "command 'Add' takes google.protobuf.Int64Value; got google.protobuf.StringValue"
        )

    async def test_p6_publish_refuses_a_wrong_payload_and_an_unknown_name(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            with pytest.raises(PayloadTypeError) as refused:
                await hub.publish(SESSION, "Added", StringValue())
            with pytest.raises(UnknownNameError, match="unknown event 'Removed'; registered: Add"):
                await hub.publish(SESSION, "Removed", ONE)

            assert await hub.event_cursor(SESSION) == 0
        assert "Int64Value; got google.protobuf.StringValue" in str(refused.value)

    @pytest.mark.parametrize(
        ("returned", "text"),
        [
            (
                UIEvent(name="Shown", payload=StringValue()),
                "UI event 'Shown' takes google.protobuf.Int64Value; "
                "got google.protobuf.StringValue",
            ),
            (UIEvent(name="Hidden", payload=ONE), "unknown UI event 'Hidden'"),
        ],
    )
    async def test_p6_a_ui_projection_may_return_only_what_is_registered(
        self, registry: SchemaRegistry, returned: UIEvent[Message], text: str
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_ui_projection(lambda _event, _session, _view: [returned])
            with pytest.raises(ProjectionError) as failed:
                await hub.publish(SESSION, "Added", ONE)

        assert text in str(failed.value.__cause__)

    @pytest.mark.parametrize(
        ("returned", "text"),
        [
            (
                TimelineEntity(kind="Counter", id="total", payload=StringValue()),
                "entity 'Counter' takes google.protobuf.Int64Value; "
                "got google.protobuf.StringValue",
            ),
            (TimelineEntity(kind="Clock", id="1", payload=ONE), "unknown entity 'Clock'"),
        ],
    )
    async def test_p6_a_timeline_projection_may_return_only_what_is_registered(
        self, registry: SchemaRegistry, returned: TimelineEntity[Message], text: str
    ) -> None:
        async with Hub(registry) as hub:
            hub.register_timeline_projection(lambda _event, _session, _view: [returned])
            with pytest.raises(ProjectionError) as failed:
                await hub.publish(SESSION, "Added", ONE)
            snapshot = await hub.snapshot(SESSION)

        assert text in str(failed.value.__cause__)
        assert snapshot.entities == ()


class Fragile:
    """Timeline and UI projections of the counter that fail on one ordinal until mended."""

    def __init__(self, hub: Hub, broken: Projector, ordinal: int) -> None:
        self._broken = broken
        self.ordinal = ordinal
        hub.register_ui_projection(self._show)
        hub.register_timeline_projection(self._count)

    def _fail(self, projector: Projector, event: Event[Message]) -> None:
        if projector is self._broken and event.ordinal == self.ordinal:
            raise ValueError("can't read that")

    def _show(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[UIEvent[Message]]:
        self._fail(Projector.UI, event)
        return counter.show(event, session, view)

    def _count(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[TimelineEntity[Message]]:
        self._fail(Projector.TIMELINE, event)
        return counter.count(event, session, view)


class TestP7NoSilentSkip:
    @pytest.mark.parametrize("broken", list(Projector))
    async def test_p7_fail_keeps_the_event_holds_the_projection_back_and_catches_up(
        self, registry: SchemaRegistry, store: HydrationStore, broken: Projector
    ) -> None:
        fanout = RecordingFanout()
        async with Hub(registry, store=store, fanout=fanout) as hub:
            fragile = Fragile(hub, broken, ordinal=2)
            await hub.publish(SESSION, "Added", ONE)
            for _ in range(2):  # the second is not the projection's fault, but must wait
                with pytest.raises(ProjectionError) as failed:
                    await hub.publish(SESSION, "Added", ONE)
                assert failed.value.ordinal == 2
                assert isinstance(failed.value.__cause__, ValueError)
            (error,) = await store.errors(SESSION)
            held = await hub.projection_cursor(broken, SESSION)
            other = next(projector for projector in Projector if projector is not broken)
            free = await hub.projection_cursor(other, SESSION)

            fragile.ordinal = 0  # mended
            event = await hub.publish(SESSION, "Added", ONE)
            caught_up = await hub.projection_cursor(broken, SESSION)
            snapshot = await hub.snapshot(SESSION)

        assert (held, free) == (1, 3)
        assert (error.source, error.ordinal, error.attempts) == (broken.value, 2, 2)
        assert (event.ordinal, caught_up) == (4, 4)
        assert [batch.ordinal for batch in fanout.batches] == [1, 2, 3, 4]
        assert counter.number(snapshot.entities[0].payload) == 4
        assert [event.ordinal for event in await store.events(SESSION)] == [1, 2, 3, 4]

    @pytest.mark.parametrize("broken", list(Projector))
    async def test_p7_advance_records_the_error_and_moves_on(
        self, registry: SchemaRegistry, store: HydrationStore, broken: Projector
    ) -> None:
        fanout = RecordingFanout()
        advance = ProjectionPolicies(ui=ProjectionPolicy.ADVANCE, timeline=ProjectionPolicy.ADVANCE)
        async with Hub(registry, store=store, fanout=fanout, policies=advance) as hub:
            Fragile(hub, broken, ordinal=2)
            for _ in range(3):
                await hub.publish(SESSION, "Added", ONE)
            cursor = await hub.projection_cursor(broken, SESSION)
            snapshot = await hub.snapshot(SESSION)
            (error,) = await store.errors(SESSION)

        assert cursor == 3
        assert (error.source, error.ordinal, error.name) == (broken.value, 2, "Added")
        assert (error.error_type, error.message) == ("ValueError", "can't read that")
        lost = broken is Projector.TIMELINE
        assert counter.number(snapshot.entities[0].payload) == (2 if lost else 3)
        assert [batch.ordinal for batch in fanout.batches] == ([1, 2, 3] if lost else [1, 3])

    @pytest.mark.parametrize("broken", list(Projector))
    @pytest.mark.parametrize("advances", list(Projector))
    async def test_p7_each_projection_has_a_policy_of_its_own(
        self,
        registry: SchemaRegistry,
        store: HydrationStore,
        broken: Projector,
        advances: Projector,
    ) -> None:
        policies = ProjectionPolicies(**{advances.value.split("_")[0]: ProjectionPolicy.ADVANCE})
        async with Hub(registry, store=store, policies=policies) as hub:
            Fragile(hub, broken, ordinal=1)
            if broken is advances:
                await hub.publish(SESSION, "Added", ONE)
            else:
                with pytest.raises(ProjectionError):
                    await hub.publish(SESSION, "Added", ONE)
            passed = await hub.projection_cursor(broken, SESSION)
            (error,) = await store.errors(SESSION)

        assert passed == (1 if broken is advances else 0)
        assert (error.source, error.ordinal) == (broken.value, 1)

    async def test_p7_a_held_back_timeline_is_tried_again_after_a_restart(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            Fragile(hub, Projector.TIMELINE, ordinal=1)
            with pytest.raises(ProjectionError):
                await hub.publish(SESSION, "Added", ONE)
        async with Hub(registry, store=store) as mended:
            counter.install(mended)
            snapshot = await mended.snapshot(SESSION)

        assert snapshot.snapshot_ordinal == 1
        assert counter.number(snapshot.entities[0].payload) == 1
