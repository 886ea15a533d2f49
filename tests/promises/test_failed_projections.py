"""P7: an event on which a projection fails is not skipped in silence."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Event,
    Hub,
    HydrationStore,
    ProjectionError,
    ProjectionPolicies,
    ProjectionPolicy,
    Projector,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout
from tests.promises import counter
from tests.promises.counter import ONE, SESSION


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
