"""Several projections of one kind: their order, and what the others do when one fails."""

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
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.testing.fakes import RecordingFanout
from sessionstream.testing.stores.backend import entities_of
from tests.runtime.app import Lines, line, lines, say, shown, text, text_of

ADVANCE = ProjectionPolicies(timeline=ProjectionPolicy.ADVANCE, ui=ProjectionPolicy.ADVANCE)

Entities = list[TimelineEntity[Message]]


def refuse(event: Event[Message], session: Session, view: TimelineView) -> Entities:
    raise ValueError("no")


def half_of_it(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[UIEvent[Message]]:
    yield shown("lost with what follows")
    raise ValueError("no")


def show(event: Event[Message], session: Session, view: TimelineView) -> Iterable[UIEvent[Message]]:
    yield shown(text_of(event.payload))


class TestSeveralTimelineProjections:
    async def test_the_later_one_wins(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        def override(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            return [line("a", "later")]

        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_timeline_projection(override)
            await say(hub, "a=1")
            assert lines(await hub.snapshot("s")) == ["a=later"]
        assert [text_of(row.payload) for row in await entities_of(store, "s")] == ["later"]

    async def test_one_that_fails_holds_the_others_back_with_it(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        """They share a view: none may see the others' entities of a later event."""
        async with Hub(registry) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_timeline_projection(refuse)
            with pytest.raises(ProjectionError):
                await say(hub, "a=1")
            assert (await hub.snapshot("s")).entities == ()

    async def test_one_that_fails_takes_nothing_from_the_others_where_events_may_be_passed(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        async with Hub(registry, policies=ADVANCE) as hub:
            hub.register_timeline_projection(refuse)
            hub.register_timeline_projection(timeline)
            await say(hub, "a=1")
            assert lines(await hub.snapshot("s")) == ["a=1"]
            await hub.rebuild_timeline("s")
            assert lines(await hub.snapshot("s")) == ["a=1"]
            assert lines(await hub.snapshot("s", as_of=1)) == ["a=1"]

    async def test_the_record_tells_of_all_that_failed(self, registry: SchemaRegistry) -> None:
        async with Hub(registry, policies=ADVANCE) as hub:
            hub.register_timeline_projection(refuse)
            hub.register_timeline_projection(refuse)
            await say(hub, "a=1")
            [record] = await hub.errors("s")
            assert record.message.startswith("ValueError: no; ValueError: no")


class TestSeveralUIProjections:
    @pytest.mark.parametrize("name", ["Said", "Blinked"])
    async def test_one_that_fails_takes_nothing_from_the_others_where_events_may_be_passed(
        self, registry: SchemaRegistry, name: str
    ) -> None:
        fanout = RecordingFanout()
        async with Hub(registry, policies=ADVANCE, fanout=fanout) as hub:
            hub.register_ui_projection(half_of_it)
            hub.register_ui_projection(show)
            await hub.publish("s", name, text("seen"))
            await fanout.wait_for(1)
            assert [text_of(payload) for payload in fanout.payloads("s")] == ["seen"]
