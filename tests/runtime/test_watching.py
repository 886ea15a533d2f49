from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import NoReturn

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Event,
    Hub,
    HubClosedError,
    ProjectionError,
    ResumePoint,
    Retention,
    Session,
    SessionIdError,
    SnapshotUpdate,
    TimelineEntity,
    TimelineView,
    UIEvent,
    UIUpdate,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.watching import AnyUpdate
from tests.runtime.app import make_registry, say, shown, text, text_of


def show(event: Event[Message], session: Session, view: TimelineView) -> Iterable[UIEvent[Message]]:
    return [shown(text_of(event.payload))]


def keep(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    return [TimelineEntity(kind="Line", id=str(event.ordinal), payload=event.payload)]


async def make_hub(retention: Retention = Retention()) -> Hub:  # noqa: B008 frozen
    hub = Hub(make_registry(), store=MemoryStore(retention=retention))
    hub.register_ui_projection(show)
    hub.register_timeline_projection(keep)
    return hub


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with await make_hub() as hub:
        yield hub


def texts(update: AnyUpdate) -> list[str]:
    if isinstance(update, SnapshotUpdate):
        return [text_of(entity.payload) for entity in update.entities]
    return [text_of(event.payload) for event in update.events]


class TestWatching:
    async def test_the_timeline_comes_first_then_each_ui_event(self, hub: Hub) -> None:
        await say(hub, "a")
        async with hub.watch("s") as updates:
            first = await anext(updates)
            assert isinstance(first, SnapshotUpdate)
            assert texts(first) == ["a"]
            await say(hub, "b")
            second = await anext(updates)
            assert isinstance(second, UIUpdate)
            assert (texts(second), second.ordinal) == (["b"], 2)

    async def test_what_is_ephemeral_moves_no_position(self, hub: Hub) -> None:
        async with hub.watch("s") as updates:
            first = await anext(updates)
            await hub.publish("s", "Blinked", text("*"))
            second = await anext(updates)
            assert isinstance(second, UIUpdate)
            assert (texts(second), second.ordinal) == (["*"], 0)
            assert second.position == first.position

    async def test_a_watcher_goes_on_from_its_position(self, hub: Hub) -> None:
        async with hub.watch("s") as updates:
            await anext(updates)
            await say(hub, "a")
            position = (await anext(updates)).position
        await say(hub, "b")
        async with hub.watch("s", since=position) as updates:
            assert texts(await anext(updates)) == ["b"]
            await say(hub, "c")
            assert texts(await anext(updates)) == ["c"]

    @pytest.mark.parametrize("ordinal", [0, 9])
    async def test_a_position_of_no_use_gives_the_timeline(self, hub: Hub, ordinal: int) -> None:
        await say(hub, "a")
        epoch = "another" if ordinal == 0 else (await hub.position("s")).epoch
        async with hub.watch("s", since=ResumePoint(epoch, ordinal)) as updates:
            update = await anext(updates)
            assert isinstance(update, SnapshotUpdate)
            assert update.replaces_what_was_shown

    async def test_a_watcher_that_is_slow_is_given_what_it_missed(self, hub: Hub) -> None:
        async with hub.watch("s") as updates:
            await anext(updates)
            for number in range(600):
                await say(hub, str(number))
            got = [texts(await anext(updates)) for _ in range(600)]
            assert got == [[str(number)] for number in range(600)]

    async def test_where_ui_events_are_not_kept_it_is_given_the_timeline(self) -> None:
        async with await make_hub(Retention(ui_batches=1)) as hub, hub.watch("s") as updates:
            await anext(updates)
            for number in range(600):
                await say(hub, str(number))
            update = await anext(updates)
            while not isinstance(update, SnapshotUpdate):
                update = await anext(updates)
            assert len(update.entities) == 600
            await say(hub, "last")
            assert texts(await anext(updates)) == ["last"]

    @pytest.mark.parametrize("kept", [0, 1, 4])
    async def test_a_gap_that_nothing_fills_is_passed_over_once(self, kept: int) -> None:
        """The timeline is held back, and UI events since are not all kept."""

        def stand_still(event: Event[Message], _: Session, __: TimelineView) -> NoReturn:
            raise ValueError("held back")

        hub = Hub(make_registry(), store=MemoryStore(retention=Retention(ui_batches=kept)))
        hub.register_ui_projection(show)
        hub.register_timeline_projection(stand_still)
        async with hub:
            for number in range(1, 21):
                with pytest.raises(ProjectionError):
                    await say(hub, str(number))
            position = await hub.position("s")
            there = [each.ordinal for each in (await hub.history("s", 0)).batches]
            async with hub.watch("s") as updates:
                first = await anext(updates)
                assert isinstance(first, SnapshotUpdate)
                assert (first.position.ordinal, position.shown) == (0, 20)
                assert [texts(await anext(updates)) for _ in there] == [[str(n)] for n in there]
                with pytest.raises(ProjectionError):
                    await say(hub, "21")
                assert texts(await anext(updates)) == ["21"]

    async def test_a_session_that_is_begun_anew_is_shown_anew(self, hub: Hub) -> None:
        await say(hub, "a")
        async with hub.watch("s") as updates:
            before = await anext(updates)
            await hub.delete_session("s")
            after = await anext(updates)
            assert isinstance(after, SnapshotUpdate)
            assert after.entities == ()
            assert after.replaces_what_was_shown
            assert after.position.epoch != before.position.epoch

    async def test_a_watcher_may_change_what_it_is_given(self, hub: Hub) -> None:
        async with hub.watch("s") as one, hub.watch("s") as other:
            await anext(one)
            await anext(other)
            await say(hub, "a")
            update = await anext(one)
            assert isinstance(update, UIUpdate)
            update.events[0].payload.Clear()
            assert texts(await anext(other)) == ["a"]

    async def test_the_end_of_the_hub_ends_the_watch(self) -> None:
        hub = await make_hub()
        async with hub.watch("s") as updates:
            await anext(updates)
            waiting = asyncio.ensure_future(anext(updates))
            await hub.aclose()
            with pytest.raises(HubClosedError):
                await waiting
        with pytest.raises(HubClosedError):
            hub.watch("s")

    def test_an_unusable_session_id_is_refused_at_once(self) -> None:
        with pytest.raises(SessionIdError):
            Hub(make_registry()).watch("")

    async def test_who_still_iterates_after_leaving_comes_to_the_end(self, hub: Hub) -> None:
        async with hub.watch("s") as updates:
            await anext(updates)
            waiting = asyncio.ensure_future(anext(updates, None))
            await asyncio.sleep(0)
        assert await waiting is None
        assert [update async for update in updates] == []
