"""What a closed Hub refuses, and how it closes."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    HubClosedError,
    HydrationStore,
    SchemaRegistry,
    Session,
)
from sessionstream.testing.fakes import GatedStore, RecordingFanout
from tests.runtime.app import Lines, Shows, forever, say, settled, text
from tests.runtime.handlers import Handler, others


@pytest.fixture
def hub(registry: SchemaRegistry, gated: GatedStore, fanout: RecordingFanout) -> Hub:
    hub = Hub(registry, store=gated, fanout=fanout)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    return hub


class TestAClosedHub:
    async def test_it_refuses_work(self, hub: Hub) -> None:
        await hub.aclose()
        hub.register_command("Say", Handler())
        with pytest.raises(HubClosedError, match="submit was refused"):
            await hub.submit("s", "Say", text("x"))
        with pytest.raises(HubClosedError, match="publish was refused"):
            await say(hub, "x")

    async def test_it_refuses_to_read(self, hub: Hub) -> None:
        await hub.aclose()
        for read in (
            hub.snapshot("s"),
            hub.snapshot("s", as_of=0),
            hub.session("s"),
            hub.cursor("s"),
            hub.event_cursor("s"),
            hub.projection_cursor("ui", "s"),
        ):
            with pytest.raises(HubClosedError):
                await read

    async def test_it_refuses_repair(self, hub: Hub) -> None:
        await hub.aclose()
        for repair in (hub.retry_timeline("s"), hub.rebuild_timeline("s")):
            with pytest.raises(HubClosedError):
                await repair

    async def test_a_publisher_that_was_kept_is_refused_too(self, hub: Hub) -> None:
        kept: list[EventPublisher] = []

        async def keep(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            kept.append(publisher)

        hub.register_command("Say", keep)
        async with hub:
            await hub.submit("s", "Say", text("x"))
        with pytest.raises(HubClosedError):
            await kept[0].publish("Said", text("x"))

    async def test_its_store_stays_open(
        self, registry: SchemaRegistry, store: HydrationStore
    ) -> None:
        async with Hub(registry, store=store) as hub:
            await say(hub, "x")
        assert len(await store.events("s")) == 1


class TestClosing:
    async def test_a_hub_that_was_never_entered_closes(self, hub: Hub) -> None:
        await hub.aclose()

    async def test_a_hub_works_without_being_entered(self, hub: Hub) -> None:
        assert (await say(hub, "x")).ordinal == 1
        await hub.aclose()

    async def test_it_may_be_closed_twice(self, hub: Hub) -> None:
        async with hub:
            await say(hub, "x")
            await hub.aclose()
        await hub.aclose()

    async def test_those_who_close_at_once_all_wait_for_the_end(
        self, hub: Hub, gated: GatedStore
    ) -> None:
        gated.hold()
        published = asyncio.ensure_future(say(hub, "x"))
        await gated.wait_held()
        closers = [asyncio.ensure_future(hub.aclose()) for _ in range(3)]
        await settled()
        assert not any(closer.done() for closer in closers)
        gated.release()
        await asyncio.gather(*closers)
        assert published.done()

    async def test_one_who_gives_up_does_not_stop_it(self, hub: Hub, gated: GatedStore) -> None:
        gated.hold()
        published = asyncio.ensure_future(say(hub, "x"))
        await gated.wait_held()
        closer = asyncio.ensure_future(hub.aclose())
        await settled()
        closer.cancel()
        await asyncio.wait([closer])
        with pytest.raises(HubClosedError):
            await say(hub, "y")
        gated.release()
        assert (await published).ordinal == 1
        await hub.aclose()

    async def test_it_closes_when_its_block_raises(self, hub: Hub) -> None:
        with pytest.raises(KeyError):
            async with hub:
                raise KeyError
        with pytest.raises(HubClosedError):
            await say(hub, "x")

    async def test_no_task_is_left(self, hub: Hub, registry: SchemaRegistry) -> None:
        before = others()
        async with hub:
            hub.register_command("Count", Handler())
            tasks = (await hub.session("s")).tasks
            tasks.start("forever", forever())
            failing = Hub(registry)
            failing.register_ui_projection(Shows("bad"))
            async with failing:
                await asyncio.gather(
                    *(say(failing, value) for value in ("bad", "x", "y")), return_exceptions=True
                )
            await asyncio.gather(*(say(hub, "x", str(number % 5)) for number in range(20)))
        assert others() == before
