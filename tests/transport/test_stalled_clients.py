"""P4, on a wire in memory: a client that takes nothing of what it is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from sessionstream import TransportEvent, TransportRecord
from sessionstream.observer import Record
from sessionstream.testing.clients.wire import MemoryWire, WireClosed
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings

Connect = Callable[[Rooms], Awaitable[MemoryWire]]


def subscribe(session_id: str) -> str:
    return json.dumps({"subscribe": {"sessionId": session_id}})


class TestP4AClientThatTakesNothing:
    """P4: it is closed although nothing outgrows its queue, and whatever it does besides."""

    SETTINGS = TransportSettings(max_queued_frames=2, progress_timeout=0.01, close_timeout=0.01)

    async def test_is_closed_with_4008_while_it_goes_on_asking(self, connect: Connect) -> None:
        records: list[Record] = []
        source = MemorySource([records.append])
        async with Rooms(source, self.SETTINGS) as rooms:
            wire = await connect(rooms)
            wire.stop_reading()
            wire.say(*['{"ping":{}}'] * 10)
            assert await wire.closed() == WireClosed(4008, "the client takes nothing")
            await rooms.deserted()
            assert rooms.queued_bytes() == 0
        await source.observers.flush()
        slow = [
            record.detail
            for record in records
            if isinstance(record, TransportRecord) and record.event is TransportEvent.SLOW_CLIENT
        ]
        assert slow == ["the client takes nothing"]

    async def test_is_closed_while_a_snapshot_loads_and_another_waits_for_room(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        source.block("loading")
        async with Rooms(source, self.SETTINGS) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("loading"))
            await source.loading("loading")
            wire.stop_reading()
            wire.say('{"ping":{}}', '{"ping":{}}', subscribe("waiting"), '{"ping":{}}')
            assert (await wire.closed()).code == CloseCode.SLOW_CLIENT
            await rooms.deserted()
            assert source.cancelled == ["loading"]
            assert rooms.watched() == set()

    async def test_is_cut_when_it_takes_no_close_either(self) -> None:
        async with Rooms(MemorySource(), self.SETTINGS) as rooms:
            wire = MemoryWire()
            task = asyncio.create_task(rooms.handle(wire))
            await wire.hear()
            wire.get_stuck()
            wire.say('{"ping":{}}')
            await wire.cut()
            await task
