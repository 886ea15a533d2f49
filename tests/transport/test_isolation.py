"""What happens to one connection or session is no other one's trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.access import Access, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings

OFTEN = TransportSettings(position_interval=0.005)


class Client:
    """A client of version 2, served by a task."""

    def __init__(self, rooms: Rooms) -> None:
        self.wire = MemoryWire()
        self.task = asyncio.create_task(rooms.handle(self.wire, Admission(dialect=V2_JSON)))

    async def frame(self) -> tuple[str, dict[str, str]]:
        ((kind, body),) = json.loads(await self.wire.hear()).items()
        return kind, body

    async def until(self, kind: str, session_id: str) -> dict[str, str]:
        """Returns the next frame of a kind that is about the session."""
        async with asyncio.timeout(10):
            while True:
                found, body = await self.frame()
                if found == kind and body["sessionId"] == session_id:
                    return body

    async def subscribe(self, session_id: str) -> None:
        self.wire.say(json.dumps({"subscribe": {"sessionId": session_id}}))
        await self.until("subscribed", session_id)


@asynccontextmanager
async def clients(rooms: Rooms, *sessions: str) -> AsyncIterator[list[Client]]:
    """Clients that each watch one session."""
    found = [Client(rooms) for _ in sessions]
    for client, session_id in zip(found, sessions, strict=True):
        await client.subscribe(session_id)
    yield found
    for client in found:
        client.wire.hang_up()
    await asyncio.gather(*(client.task for client in found), return_exceptions=True)


@pytest.fixture
def source() -> MemorySource:
    source = MemorySource()
    for session_id in ("a", "b"):
        source.set(session_id, 3)
    return source


class TestACancelledConnection:
    async def test_keeps_no_reset_from_the_others(self, source: MemorySource) -> None:
        async with Rooms(source) as rooms, clients(rooms, "a", "a") as (cancelled, other):
            cancelled.task.cancel()
            await asyncio.sleep(0)
            await source.begin_anew("a", "next")
            assert (await other.until("snapshot", "a"))["epoch"] == "next"

    async def test_keeps_nothing_from_the_others_while_its_hook_takes_its_time(
        self, source: MemorySource
    ) -> None:
        is_asked, may_end = asyncio.Event(), asyncio.Event()

        async def slow_to_end(_: Principal, session_id: str) -> bool:
            if session_id == "a":
                return True
            is_asked.set()
            try:
                return await asyncio.Event().wait()
            finally:
                await may_end.wait()

        access = Access(authorize_subscribe=slow_to_end)
        async with (
            Rooms(source, OFTEN, access=access) as rooms,
            clients(rooms, "a", "a") as (cancelled, other),
        ):
            cancelled.wire.say('{"subscribe":{"sessionId":"b"}}')
            await is_asked.wait()
            cancelled.task.cancel()
            await asyncio.sleep(0)
            source.set("a", 4)
            assert (await other.until("position", "a"))["headOrdinal"] == "4"
            await source.begin_anew("a", "next")
            assert (await other.until("snapshot", "a"))["epoch"] == "next"
            may_end.set()


class TestSessionsThatAreStuck:
    async def test_keep_no_position_from_the_others(self, source: MemorySource) -> None:
        stuck = [f"stuck{number}" for number in range(20)]
        for session_id in stuck:
            source.set(session_id, 1)
        async with Rooms(source, OFTEN) as rooms, clients(rooms, *stuck, "b") as (*_, other):
            for session_id in stuck:
                source.block(session_id)
            source.set("b", 4)
            assert (await other.until("position", "b"))["headOrdinal"] == "4"
            for session_id in stuck:
                source.release(session_id)
