"""Timeline projections that are added to an application, removed from it, and named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
from google.protobuf.message import Message

from sessionstream import (
    DuplicateNameError,
    ErrorSource,
    Event,
    Hub,
    HydrationStore,
    ProjectionError,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
)
from sessionstream.projection import AnyTimelineProjection
from sessionstream.testing.fakes import GatedStore
from tests.runtime.app import Flaky, Lines, line, lines, say, settled

OpenStore = Callable[[], AbstractAsyncContextManager[HydrationStore]]
Running = Callable[..., AbstractAsyncContextManager[Hub]]


class Totals(Flaky):
    """Counts the events that it has seen."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterator[TimelineEntity[Message]]:
        self.check(event)
        before = view.get("Line", "total")
        seen = 0 if before is None else int(getattr(before.payload, "value", ""))
        yield line("total", str(seen + 1))


@pytest.fixture
def running(registry: SchemaRegistry, open_store: OpenStore) -> Running:
    """Runs a release of the application, with these timeline projections."""

    @asynccontextmanager
    async def run(*projections: AnyTimelineProjection) -> AsyncIterator[Hub]:
        async with open_store() as store, Hub(registry, store=store) as hub:
            for projection in projections:
                hub.register_timeline_projection(projection)
            yield hub

    return run


async def shown(hub: Hub) -> list[str]:
    return lines(await hub.snapshot("s"))


class TestAddedProjection:
    async def test_it_sees_the_whole_log_before_anyone_reads(self, running: Running) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
        async with running(Lines(), Totals()) as hub:
            assert await shown(hub) == ["a=1", "total=2", "b=2"]

    async def test_it_sees_the_log_of_a_session_that_began_with_a_commit_of_nothing(
        self, running: Running
    ) -> None:
        async with running(Lines()) as hub:
            await hub.publish_all("s", [])
            await say(hub, "a=1")
        async with running(Lines(), Totals()) as hub:
            assert await shown(hub) == ["a=1", "total=1"]

    async def test_it_sees_the_whole_log_before_the_next_event(self, running: Running) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
        totals = Totals()
        async with running(Lines(), totals) as hub:
            await say(hub, "b=2")
            assert totals.seen == [1, 2]
            assert await shown(hub) == ["a=1", "total=2", "b=2"]

    async def test_it_catches_up_once(self, running: Running) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
        for seen in ([1], []):
            totals = Totals()
            async with running(Lines(), totals) as hub:
                await hub.snapshot("s")
                await hub.snapshot("s")
            assert totals.seen == seen

    async def test_a_timeline_that_was_cleared_is_folded_once(
        self, running: Running, open_store: OpenStore
    ) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
            await say(hub, "b=2")
        async with open_store() as store:
            await store.clear_timeline("s")
        failing = Totals("b=2")
        async with running(Lines(), failing) as hub:
            assert await shown(hub) == ["a=1", "total=1"]
        assert failing.seen == [1, 2]

    async def test_the_first_of_all_catches_up_as_well(self, running: Running) -> None:
        async with running() as hub:
            await say(hub, "a=1")
        async with running(Lines()) as hub:
            assert await shown(hub) == ["a=1"]

    async def test_a_session_that_is_empty_or_begun_later_needs_nothing(
        self, running: Running
    ) -> None:
        totals = Totals()
        async with running(totals) as hub:
            assert await shown(hub) == []
            await say(hub, "a=1")
        async with running(totals) as hub:
            assert await shown(hub) == ["total=1"]
        assert totals.seen == [1]

    async def test_where_it_fails_the_timeline_goes_on_as_it_was(
        self, running: Running, open_store: OpenStore
    ) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
        async with running(Lines(), Totals("a=1")) as hub:
            assert await shown(hub) == ["a=1"]
            await say(hub, "b=2")
        async with open_store() as store:
            [record] = await store.errors("s")
        assert (record.source, record.ordinal) == (ErrorSource.TIMELINE_PROJECTION, 1)

    async def test_where_it_failed_it_is_tried_again_after_a_restart(
        self, running: Running
    ) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
        async with running(Lines(), Totals("a=1")) as hub:
            await say(hub, "b=2")
        async with running(Lines(), Totals()) as hub:
            assert await shown(hub) == ["a=1", "total=2", "b=2"]

    async def test_where_it_failed_a_rebuild_takes_it_in(self, running: Running) -> None:
        async with running(Lines()) as hub:
            await say(hub, "a=1")
        totals = Totals("a=1")
        async with running(Lines(), totals) as hub:
            await hub.snapshot("s")
            totals.bad.clear()
            await hub.rebuild_timeline("s")
            assert await shown(hub) == ["a=1", "total=1"]
        totals.seen.clear()
        async with running(Lines(), totals) as hub:
            await hub.snapshot("s")
        assert totals.seen == []

    async def test_an_event_that_comes_while_a_failed_rebuild_is_stored_sees_it_too(
        self, registry: SchemaRegistry, gated: GatedStore
    ) -> None:
        """The event is not drafted upon what is being stored: that still lacks the projection."""
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines())
            await say(hub, "a=1")
        totals = Totals("a=1")
        async with Hub(registry, store=gated) as hub:
            hub.register_timeline_projection(Lines())
            hub.register_timeline_projection(totals)
            gated.hold()
            rebuilt = asyncio.ensure_future(hub.rebuild_timeline("s"))
            await gated.wait_held()
            totals.bad.clear()
            said = asyncio.ensure_future(say(hub, "b=2"))
            await settled()
            gated.release()
            with pytest.raises(ProjectionError):
                await rebuilt
            await said
            assert await shown(hub) == ["a=1", "total=2", "b=2"]


class TestRemovedProjection:
    """Its entities stay: a Hub that lacks a projection, as a tool's may, destroys nothing."""

    async def test_its_entities_stay_until_a_rebuild(self, running: Running) -> None:
        async with running(Lines(), Totals()) as hub:
            await say(hub, "a=1")
        async with running(Lines()) as hub:
            await say(hub, "b=2")
            assert await shown(hub) == ["a=1", "total=1", "b=2"]
            await hub.rebuild_timeline("s")
            assert await shown(hub) == ["a=1", "b=2"]

    async def test_one_that_comes_back_sees_what_it_missed(self, running: Running) -> None:
        async with running(Lines(), Totals()) as hub:
            await say(hub, "a=1")
        async with running(Lines()) as hub:
            await say(hub, "b=2")
        async with running(Lines(), Totals()) as hub:
            assert await shown(hub) == ["a=1", "total=2", "b=2"]

    async def test_one_that_missed_nothing_sees_nothing_again(self, running: Running) -> None:
        totals = Totals()
        async with running(Lines(), totals) as hub:
            await say(hub, "a=1")
        async with running(Lines()) as hub:
            await hub.snapshot("s")
        async with running(Lines(), totals) as hub:
            await hub.snapshot("s")
        assert totals.seen == [1]


async def stored_names(
    registry: SchemaRegistry, store: HydrationStore, set_up: Callable[[Hub], None]
) -> tuple[str, ...] | None:
    async with Hub(registry, store=store) as hub:
        set_up(hub)
        await say(hub, "a=1")
    return (await store.cursors("s")).projections


class TestNames:
    async def test_an_object_has_that_of_its_class(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        names = await stored_names(
            registry, store, lambda hub: hub.register_timeline_projection(Totals())
        )
        assert names == ("tests.runtime.test_added_projections.Totals",)

    async def test_a_function_has_its_own(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        names = await stored_names(
            registry, store, lambda hub: hub.register_timeline_projection(Totals().project)
        )
        assert names == ("tests.runtime.test_added_projections.Totals.project",)

    async def test_several_of_a_class_are_numbered(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        def twice(hub: Hub) -> None:
            hub.register_timeline_projection(Lines())
            hub.register_timeline_projection(Lines())

        names = await stored_names(registry, store, twice)
        assert names == ("tests.runtime.app.Lines", "tests.runtime.app.Lines 2")

    async def test_another_name_is_another_projection(
        self, registry: SchemaRegistry, open_store: OpenStore
    ) -> None:
        projection = Lines()
        for name in ("first", "first", "second"):
            async with open_store() as store, Hub(registry, store=store) as hub:
                hub.register_timeline_projection(projection, name)
                if not await hub.event_cursor("s"):
                    await say(hub, "a=1")
                await hub.snapshot("s")
        assert projection.seen == [1, 1]

    async def test_one_that_was_taken_back_leaves_none(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        def set_up(hub: Hub) -> None:
            hub.register_timeline_projection(Lines(), "lines")
            with suppress(DuplicateNameError), hub.all_or_nothing():
                hub.register_timeline_projection(Totals(), "totals")
                hub.register_timeline_projection(Totals(), "lines")

        assert await stored_names(registry, store, set_up) == ("lines",)

    def test_a_name_is_given_once(self, registry: SchemaRegistry) -> None:
        hub = Hub(registry)
        hub.register_timeline_projection(Lines(), "lines")
        with pytest.raises(DuplicateNameError, match="lines"):
            hub.register_timeline_projection(Totals(), "lines")
