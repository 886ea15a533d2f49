"""Who watches which session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import TransportEvent, TransportRecord
from sessionstream.observer import Record
from sessionstream.testing.clients.wire import MemoryWire, WireClosed
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport import json_frames
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import UIBatch

Connect = Callable[[Rooms], Awaitable[MemoryWire]]

EVENT = StringValue(value="x")


async def subscribe(wire: MemoryWire, session_id: str) -> None:
    wire.say(json.dumps({"subscribe": {"sessionId": session_id}}))
    await wire.hear()
    await wire.hear()


class TestEntering:
    async def test_it_is_a_feed_while_it_is_entered(self) -> None:
        source = MemorySource()
        rooms = Rooms(source)
        assert source.feeds == []
        async with rooms:
            assert source.feeds == [rooms]
        assert source.feeds == []

    async def test_a_connection_before_that_is_a_mistake_of_the_application(self) -> None:
        with pytest.raises(RuntimeError, match="enter the rooms first"):
            await Rooms(MemorySource()).handle(MemoryWire())

    async def test_a_connection_after_that_is_closed_with_1001(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            pass
        wire = MemoryWire()
        await rooms.handle(wire)
        assert await wire.closed() == WireClosed(1001, "the server shuts down")

    async def test_leaving_closes_with_1001_and_leaves_no_task_behind(self) -> None:
        source = MemorySource()
        source.block("loading")
        before = asyncio.all_tasks()
        tasks: set[asyncio.Task[None]] = set()
        async with Rooms(source) as rooms:
            wires = [MemoryWire() for _ in range(3)]
            for wire in wires:
                tasks.add(asyncio.create_task(rooms.handle(wire)))
                await wire.hear()
                await subscribe(wire, "s")
                wire.say('{"subscribe":{"sessionId":"loading"}}')
            await source.loading("loading")
        assert [(await wire.closed()).code for wire in wires] == [1001, 1001, 1001]
        await asyncio.sleep(0)  # a task that has ended leaves the set one turn later
        assert asyncio.all_tasks() == before

    async def test_clients_get_what_is_queued_for_them_first(self, connect: Connect) -> None:
        source = MemorySource()
        rooms = Rooms(source)
        async with rooms:
            wire = await connect(rooms)
            await subscribe(wire, "s")
            await source.publish("s", 1, *[EVENT] * 100)
        assert (await wire.closed()).code == 1001
        assert len(wire.heard()) == 100

    async def test_a_client_that_takes_nothing_delays_it_by_a_limited_time(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        async with Rooms(source, TransportSettings(close_timeout=0.01)) as rooms:
            wire = await connect(rooms)
            await subscribe(wire, "s")
            wire.stop_reading()
            await source.publish("s", 1, EVENT)
        assert rooms.queued_bytes() == 0

    async def test_closing_twice_is_closing_once(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            await rooms.aclose()
            await rooms.aclose()


class TestTooManyConnections:
    async def test_one_more_is_closed_with_1013_and_hears_nothing(self, connect: Connect) -> None:
        async with Rooms(MemorySource(), TransportSettings(max_connections=2)) as rooms:
            served = [await connect(rooms), await connect(rooms)]
            refused = MemoryWire()
            await rooms.handle(refused)
            assert await refused.closed() == WireClosed(1013, "too many connections")
            assert refused.heard() == []
            for wire in served:
                wire.say('{"ping":{}}')
                assert "pong" in await wire.hear()

    async def test_one_that_leaves_makes_room(self, connect: Connect) -> None:
        async with Rooms(MemorySource(), TransportSettings(max_connections=1)) as rooms:
            for _ in range(3):
                wire = await connect(rooms)
                wire.hang_up()
                await rooms.deserted()

    async def test_those_that_were_refused_take_no_place(self, connect: Connect) -> None:
        """They may need some time to close."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def watch(record: Record) -> None:
            assert isinstance(record, TransportRecord)
            if record.event is TransportEvent.DISCONNECTED:
                loop.call_soon_threadsafe(ended.set)

        source = MemorySource([watch])
        async with Rooms(source, TransportSettings(max_connections=1)) as rooms:
            served, refused = await connect(rooms), MemoryWire()
            refused.get_stuck()
            closing = asyncio.create_task(rooms.handle(refused))
            await asyncio.sleep(0)
            served.hang_up()
            await ended.wait()
            wire = await connect(rooms)
            wire.say('{"ping":{}}')
            assert "pong" in await wire.hear()
            closing.cancel()

    async def test_there_need_not_be_a_limit(self, connect: Connect) -> None:
        async with Rooms(MemorySource(), TransportSettings(max_connections=None)) as rooms:
            await connect(rooms)


class TestPublishUI:
    async def test_only_those_who_watch_the_session_get_its_events(self, connect: Connect) -> None:
        source = MemorySource()
        async with Rooms(source) as rooms:
            one, other = await connect(rooms), await connect(rooms)
            await subscribe(one, "a")
            await subscribe(other, "b")
            await source.publish("a", 1, EVENT)
            await source.publish("b", 1, EVENT)
            assert json.loads(await one.hear())["uiEvent"]["sessionId"] == "a"
            assert json.loads(await other.hear())["uiEvent"]["sessionId"] == "b"

    async def test_a_batch_is_encoded_once_for_all_of_a_dialect(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        encoded: list[int] = []
        ui_event_texts = json_frames.ui_event_texts

        def count(batch: UIBatch, *, is_v2: bool) -> list[str]:
            encoded.append(batch.ordinal)
            return ui_event_texts(batch, is_v2=is_v2)

        monkeypatch.setattr(json_frames, "ui_event_texts", count)
        source = MemorySource()
        async with Rooms(source) as rooms:
            await source.publish("s", 1, EVENT)
            assert encoded == [], "nobody watches"
            wires = [await connect(rooms) for _ in range(5)]
            for wire in wires:
                await subscribe(wire, "s")
            await source.publish("s", 2, EVENT, EVENT)
            heard = [[await wire.hear(), await wire.hear()] for wire in wires]
            assert heard == [heard[0]] * 5
            assert encoded == [2]

    async def test_it_waits_for_no_client(self, connect: Connect) -> None:
        source = MemorySource()
        async with Rooms(source, TransportSettings(close_timeout=0.01)) as rooms:
            wire = await connect(rooms)
            await subscribe(wire, "s")
            wire.stop_reading()
            with pytest.raises(StopIteration):
                source.publish("s", 1, EVENT).send(None)

    async def test_a_connection_that_ends_leaves_its_rooms_empty(self, connect: Connect) -> None:
        source = MemorySource()
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            await subscribe(wire, "s")
            assert rooms.watched() == {"s"}
            wire.hang_up()
            await rooms.deserted()
            assert rooms.watched() == set()
