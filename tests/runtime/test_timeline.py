from __future__ import annotations

import asyncio
from collections.abc import Iterator

from google.protobuf.message import Message

from sessionstream import (
    Event,
    Hub,
    HydrationStore,
    SchemaRegistry,
    Session,
    Snapshot,
    TimelineEntity,
    TimelineView,
)
from sessionstream.testing.stores.backend import entities_of
from tests.runtime.app import Lines, line, lines, say, text, text_of

Entities = list[TimelineEntity[Message]]


class Looking:
    """Keeps what each call could see, then writes the line ``a``."""

    def __init__(self) -> None:
        self.before: list[tuple[int, list[str]]] = []
        self.after: list[list[str]] = []

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        self.before.append((view.ordinal, self.look(view)))
        yield line("a", text_of(event.payload))
        self.after.append(self.look(view))

    def look(self, view: TimelineView) -> list[str]:
        return [f"{entity.id}={text_of(entity.payload)}" for entity in view.list()]


def ordinals(snapshot: Snapshot) -> list[tuple[str, int, int]]:
    return [
        (entity.id, entity.created_ordinal, entity.last_event_ordinal)
        for entity in snapshot.entities
    ]


class TestOrdinals:
    async def test_an_entity_keeps_its_created_ordinal_over_updates(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            for value in ("x", "a=1", "a=2"):
                await say(hub, value)
            assert ordinals(await hub.snapshot("s")) == [("a", 2, 3)]
        stored = await entities_of(store, "s")
        assert [(row.created_ordinal, row.last_event_ordinal) for row in stored] == [(2, 3)]

    async def test_an_entity_that_is_created_again_after_a_tombstone_gets_a_new_one(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            for value in ("a=1", "-a", "a=2"):
                await say(hub, value)
            assert ordinals(await hub.snapshot("s")) == [("a", 3, 3)]
        assert [row.created_ordinal for row in await entities_of(store, "s")] == [3]

    async def test_a_tombstone_and_a_new_creation_in_one_event_give_a_new_created_ordinal(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        def replace(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            if text_of(event.payload) != "replace":
                return []
            return [TimelineEntity(kind="Line", id="a", tombstone=True), line("a", "new")]

        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_timeline_projection(replace)
            await say(hub, "a=1")
            await say(hub, "replace")
            assert ordinals(await hub.snapshot("s")) == [("a", 2, 2)]

    async def test_ordinals_that_a_projection_fills_in_are_ignored(
        self, registry: SchemaRegistry
    ) -> None:
        def lie(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            return [
                TimelineEntity(
                    kind="Line", id="a", payload=text("1"), created_ordinal=9, last_event_ordinal=7
                )
            ]

        async with Hub(registry) as hub:
            hub.register_timeline_projection(lie)
            await say(hub, "x")
            assert ordinals(await hub.snapshot("s")) == [("a", 1, 1)]

    async def test_a_tombstone_of_nothing_changes_nothing(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            await say(hub, "-a")
            assert (await hub.snapshot("s")).entities == ()
            assert await hub.cursor("s") == 1

    async def test_the_payload_of_a_tombstone_is_dropped(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        def remove(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            return [TimelineEntity(kind="Line", id="a", payload=text("x"), tombstone=True)]

        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(remove)
            await say(hub, "x")
            assert await store.timeline("s") == []


class TestSnapshot:
    async def test_a_session_without_events_is_empty_at_0(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            empty = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
            assert await hub.snapshot("s") == empty

    async def test_reading_a_session_does_not_create_it(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            await hub.snapshot("s")
            await hub.session("s")
            assert await store.sessions() == []

    async def test_it_is_sorted_by_created_ordinal_then_last_then_kind_then_id(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        registry.register_timeline_entity("Kind", type(text("")))

        def project(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            if event.ordinal == 1:
                return [
                    line("b", ""),
                    line("a", ""),
                    TimelineEntity(kind="Kind", id="z", payload=text("")),
                    line("early", ""),
                ]
            return [line("later", ""), line("early", "changed")]

        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(project)
            await say(hub, "1")
            await say(hub, "2")
            order = ["z", "a", "b", "early", "later"]
            assert [entity.id for entity in (await hub.snapshot("s")).entities] == order

    async def test_what_it_hands_out_are_copies(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            await say(hub, "a=1")
            for entity in (await hub.snapshot("s")).entities:
                assert entity.payload is not None
                entity.payload.Clear()
            assert lines(await hub.snapshot("s")) == ["a=1"]

    async def test_its_ordinal_moves_with_events_that_change_no_entity(
        self, registry: SchemaRegistry, store: HydrationStore, timeline: Lines
    ) -> None:
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(timeline)
            await say(hub, "x")
            assert (await hub.snapshot("s")).snapshot_ordinal == 1

    async def test_without_a_timeline_projection_its_ordinal_is_the_head(
        self, registry: SchemaRegistry
    ) -> None:
        async with Hub(registry) as hub:
            await say(hub, "x")
            assert await hub.snapshot("s") == Snapshot(
                session_id="s", snapshot_ordinal=1, entities=()
            )


class TestTheViewOfAProjection:
    async def test_it_shows_the_timeline_before_the_event(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        looking = Looking()
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(looking)
            await say(hub, "1")
            await say(hub, "2")
        assert looking.before == [(0, []), (1, ["a=1"])]

    async def test_a_generator_does_not_see_what_it_has_yielded(
        self, registry: SchemaRegistry
    ) -> None:
        looking = Looking()
        async with Hub(registry) as hub:
            hub.register_timeline_projection(looking)
            await say(hub, "1")
        assert looking.after == [[]]

    async def test_a_later_projection_does_not_see_what_an_earlier_one_did(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        looking = Looking()
        async with Hub(registry) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_timeline_projection(looking)
            await say(hub, "b=1")
        assert looking.before == [(0, [])]

    async def test_events_of_one_commit_see_each_other_in_order(
        self, registry: SchemaRegistry
    ) -> None:
        looking = Looking()
        async with Hub(registry) as hub:
            hub.register_timeline_projection(looking)
            events = [hub.publish("s", "Said", text(str(number))) for number in range(3)]
            await asyncio.gather(*events)
        assert looking.before == [(0, []), (1, ["a=0"]), (2, ["a=1"])]

    async def test_what_it_hands_out_are_copies(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        def deface(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            for entity in (view.get("Line", "a"), *view.list()):
                if entity is not None and entity.payload is not None:
                    entity.payload.Clear()
            event.payload.Clear()
            return []

        async with Hub(registry) as hub:
            hub.register_timeline_projection(deface)
            hub.register_timeline_projection(timeline)
            await say(hub, "a=1")
            await say(hub, "b=2")
            assert lines(await hub.snapshot("s")) == ["a=1", "b=2"]

    async def test_a_payload_that_was_returned_may_be_changed_afterwards(
        self, registry: SchemaRegistry
    ) -> None:
        shared = text("")

        def reuse(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            shared.value = text_of(event.payload)
            return [TimelineEntity(kind="Line", id=shared.value, payload=shared)]

        async with Hub(registry) as hub:
            hub.register_timeline_projection(reuse)
            await say(hub, "a")
            await say(hub, "b")
            assert lines(await hub.snapshot("s")) == ["a=a", "b=b"]

    async def test_get_answers_none_for_what_is_not_there(self, registry: SchemaRegistry) -> None:
        found: list[object] = []

        def ask(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            found.extend([view.get("Line", "a"), view.get("Nothing", "a"), *view.list("Nothing")])
            return []

        async with Hub(registry) as hub:
            hub.register_timeline_projection(ask)
            await say(hub, "x")
        assert found == [None, None]

    async def test_a_removed_entity_is_gone_for_later_events_of_the_same_commit(
        self, registry: SchemaRegistry, timeline: Lines
    ) -> None:
        seen: list[int] = []

        def count(event: Event[Message], session: Session, view: TimelineView) -> Entities:
            seen.append(len(view.list("Line")) + len(view.list()))
            return []

        async with Hub(registry) as hub:
            hub.register_timeline_projection(timeline)
            hub.register_timeline_projection(count)
            await asyncio.gather(*(say(hub, value) for value in ("b=1", "-b", "x")))
        assert seen == [0, 2, 0]
