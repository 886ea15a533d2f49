"""P4, on a wire in memory: a client that reads too slowly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import TransportEvent, TransportRecord
from sessionstream.observer import Record
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V1_JSON, V2_JSON, Dialect
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings

Connect = Callable[[Rooms], Awaitable[MemoryWire]]

EVENT = StringValue(value="x")


def subscribe(session_id: str) -> str:
    return json.dumps({"subscribe": {"sessionId": session_id}})


async def kinds(wire: MemoryWire, count: int) -> list[str]:
    """The kinds of the next frames."""
    return [next(iter(json.loads(await wire.hear()))) for _ in range(count)]


async def ordinals(wire: MemoryWire, count: int) -> list[int]:
    """The ordinals of the next frames, which are UI events."""
    return [int(json.loads(await wire.hear())["uiEvent"]["eventOrdinal"]) for _ in range(count)]


async def error(wire: MemoryWire) -> dict[str, str]:
    answer: dict[str, dict[str, str]] = json.loads(await wire.hear())
    return answer["error"]


class TestP4ASlowClient:
    """P4: a slow, stuck or dead subscriber delays nobody, and its memory is bounded."""

    async def test_loses_what_waited_and_is_caught_up_when_it_reads_again(
        self, connect: Connect
    ) -> None:
        records: list[Record] = []
        source = MemorySource([records.append])
        async with Rooms(source, TransportSettings(max_queued_frames=10)) as rooms:
            slow, quick = await connect(rooms), await connect(rooms)
            for wire in (slow, quick):
                wire.say(subscribe("s"))
                assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            slow.stop_reading()
            for ordinal in range(1, 31):
                await source.publish("s", ordinal, EVENT)
                assert await kinds(quick, 1) == ["uiEvent"]
                assert rooms.queued_bytes() <= 10 * 200
            slow.go_on_reading()
            assert await ordinals(slow, 30) == list(range(1, 31))
            await source.publish("s", 31, EVENT)
            assert await ordinals(slow, 1) == [31]
        told = await events(source, records)
        assert [r.session_id for r in told if r.event is TransportEvent.LAGGING] == ["s"]

    async def test_gets_a_snapshot_where_too_little_is_kept_to_catch_up(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        async with Rooms(source, TransportSettings(max_queued_frames=10)) as rooms:
            slow = await connect(rooms)
            slow.say(subscribe("s"))
            assert await kinds(slow, 2) == ["snapshot", "subscribed"]
            slow.stop_reading()
            for ordinal in range(1, 31):
                await source.publish("s", ordinal, EVENT)
            source.forget_history("s", up_to=20)
            slow.go_on_reading()
            assert await kinds(slow, 2) == ["uiEvent", "snapshot"], "one was on its way"
            await source.publish("s", 31, EVENT)
            assert await ordinals(slow, 1) == [31]

    async def test_that_is_stuck_in_its_close_delays_nobody(self, connect: Connect) -> None:
        source = MemorySource()
        settings = TransportSettings(max_queued_frames=10, close_timeout=0.01)
        async with Rooms(source, settings) as rooms:
            stuck, quick = await connect(rooms), await connect(rooms)
            for wire in (stuck, quick):
                wire.say(subscribe("s"))
                assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            stuck.get_stuck()
            for ordinal in range(1, 101):
                await source.publish("s", ordinal, EVENT)
                assert await kinds(quick, 1) == ["uiEvent"]

    async def test_whose_snapshot_takes_too_long_holds_a_bounded_number_of_events(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source, TransportSettings(max_queued_frames=10)) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            await source.loading("s")
            for ordinal in range(1, 32):
                await source.publish("s", ordinal, EVENT)
            source.set("s", 0)
            source.release("s")
            assert await kinds(wire, 1) == ["snapshot"]
            assert await ordinals(wire, 31) == list(range(1, 32)), "read after the snapshot"
            assert await kinds(wire, 1) == ["subscribed"]


async def events(source: MemorySource, records: list[Record]) -> list[TransportRecord]:
    await source.observers.flush()
    return [record for record in records if isinstance(record, TransportRecord)]


class QueuedWire(MemoryWire):
    """A wire to which nothing is written at once, as that of an ASGI server."""

    def send_now(self, frames: Encoded) -> bool:
        return False


class TestP4AQuickClient:
    @pytest.mark.parametrize("dialect", [V1_JSON, V2_JSON])
    async def test_whose_queue_overflows_while_nothing_is_being_sent_is_caught_up(
        self, dialect: Dialect
    ) -> None:
        """Nothing is sent then whose end would tell that it reads."""
        source = MemorySource()
        async with Rooms(source) as rooms:
            wire = QueuedWire()
            serving = asyncio.create_task(rooms.handle(wire, Admission(dialect=dialect)))
            wire.say(subscribe("s"))
            assert await kinds(wire, 3) == ["hello", "snapshot", "subscribed"]
            # Too large together, and not large enough for others to get a turn between them.
            await source.publish("s", 1, StringValue(value="x" * 400_000))
            await source.publish("s", 2, StringValue(value="x" * 700_000))
            assert await ordinals(wire, 2) == [1, 2]
            wire.hang_up()
            await serving
