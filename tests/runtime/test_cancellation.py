"""A caller may give up at any step: what it leaves behind is whole, and others go on."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import pytest
from google.protobuf.message import Message

from sessionstream import Command, EventPublisher, Hub, HydrationStore, SchemaRegistry, Session
from sessionstream.testing.fakes import RecordingFanout
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import Lines, Shows, lines, say, text, text_of

T = TypeVar("T")


async def say_twice(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Said", text("a=1"))
    await publisher.publish("Said", text("b=2"))


async def make_metadata(session_id: str) -> object:
    await asyncio.sleep(0)
    return session_id


@pytest.fixture
def hub(registry: SchemaRegistry, store: HydrationStore, fanout: RecordingFanout) -> Hub:
    hub = Hub(registry, store=store, fanout=fanout, session_metadata=make_metadata)
    hub.register_command("Say", say_twice)
    hub.register_timeline_projection(Lines())
    hub.register_ui_projection(Shows())
    return hub


async def give_up(call: asyncio.Future[T], steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])


@pytest.mark.parametrize("steps", range(24))
class TestAtAnyStep:
    async def check(self, hub: Hub, store: HydrationStore, fanout: RecordingFanout) -> None:
        """The next event follows what is stored, and everything agrees with it."""
        last = await say(hub, "z=9")
        stored = [text_of(event.payload) for event in await events_of(store, "s")]
        assert last.ordinal == len(stored)
        assert lines(await hub.snapshot("s")) == stored
        await hub.aclose()
        assert len(await store.timeline("s")) == len(stored)
        assert fanout.ordinals("s") == list(range(1, last.ordinal + 1))

    async def test_a_publish(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        await give_up(asyncio.ensure_future(say(hub, "a=1")), steps)
        await self.check(hub, store, fanout)

    async def test_a_submit(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        await give_up(asyncio.ensure_future(hub.submit("s", "Say", text("x"))), steps)
        await self.check(hub, store, fanout)

    async def test_a_rebuild(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        await say(hub, "a=1")
        await give_up(asyncio.ensure_future(hub.rebuild_timeline("s")), steps)
        await self.check(hub, store, fanout)

    async def test_a_first_reader(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        await give_up(asyncio.ensure_future(hub.snapshot("s")), steps)
        await self.check(hub, store, fanout)

    async def test_one_of_several_who_publish(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        calls = [asyncio.ensure_future(say(hub, value)) for value in ("a=1", "b=2", "c=3")]
        await give_up(calls[1], steps)
        await asyncio.wait(calls)
        await self.check(hub, store, fanout)

    async def test_a_closing(
        self, hub: Hub, store: HydrationStore, fanout: RecordingFanout, steps: int
    ) -> None:
        published = asyncio.ensure_future(say(hub, "a=1"))
        await asyncio.sleep(0)
        await give_up(asyncio.ensure_future(hub.aclose()), steps)
        assert (await published).ordinal == 1
        await hub.aclose()
        assert fanout.ordinals("s") == [1]
