"""One connection, on a wire in memory."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import HubClosedError, TransportEvent, TransportRecord
from sessionstream.observer import Record
from sessionstream.testing.clients.wire import MemoryWire, WireClosed
from sessionstream.testing.fakes import MemorySource
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


class TestFrames:
    async def test_the_greeting_comes_first_and_names_the_connection(self) -> None:
        async with Rooms(MemorySource()) as rooms, asyncio.TaskGroup() as group:
            first, second = MemoryWire(), MemoryWire()
            for wire in (first, second):
                group.create_task(rooms.handle(wire))
                wire.say('{"ping":{}}')
            ids = [
                json.loads(await wire.hear())["hello"]["connectionId"] for wire in (first, second)
            ]
            assert all(ids)
            assert ids[0] != ids[1]
            for wire in (first, second):
                wire.hang_up()

    async def test_a_broken_frame_leaves_the_connection_open(self, connect: Connect) -> None:
        async with Rooms(MemorySource()) as rooms:
            wire = await connect(rooms)
            wire.say("{", b"\x00", "{}", '{"ping":{"nonce":"n"}}')
            assert await kinds(wire, 4) == ["error", "error", "error", "pong"]

    async def test_a_frame_above_the_limit_closes_with_1009(self, connect: Connect) -> None:
        async with Rooms(MemorySource(), TransportSettings(max_frame_bytes=10)) as rooms:
            wire = await connect(rooms)
            wire.say('{"ping":{}}')
            assert await wire.closed() == WireClosed(1009, "a frame is at most 10 bytes")

    async def test_a_client_that_asks_and_does_not_read_is_not_listened_to(
        self, connect: Connect
    ) -> None:
        """Answers are no events: they wait with the client, not in memory."""
        async with Rooms(MemorySource(), TransportSettings(max_queued_frames=2)) as rooms:
            wire, other = await connect(rooms), await connect(rooms)
            wire.stop_reading()
            wire.say(*['{"ping":{}}'] * 10)
            for _ in range(20):
                other.say('{"ping":{}}')
                await other.hear()
            assert wire.unread() >= 10 - 4
            assert rooms.queued_bytes() <= 2 * len('{"pong":{}}')
            wire.go_on_reading()
            assert await kinds(wire, 10) == ["pong"] * 10


class TestSnapshots:
    async def test_a_load_that_hangs_delays_no_other_session(self, connect: Connect) -> None:
        source = MemorySource()
        source.block("a")
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("a"))
            await source.loading("a")
            wire.say(subscribe("b"), '{"ping":{}}')
            assert sorted(await kinds(wire, 3)) == ["pong", "snapshot", "subscribed"]
            source.release("a")
            assert await kinds(wire, 2) == ["snapshot", "subscribed"]

    async def test_events_that_arrive_while_it_loads_follow_it(self, connect: Connect) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            await source.loading("s")
            for ordinal in (1, 2, 3):
                await source.publish("s", ordinal, EVENT)
            source.set("s", 2)
            source.release("s")
            assert await kinds(wire, 3) == ["snapshot", "uiEvent", "subscribed"]

    async def test_unsubscribing_cancels_the_load(self, connect: Connect) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            await source.loading("s")
            wire.say('{"unsubscribe":{"sessionId":"s"}}')
            assert await kinds(wire, 1) == ["unsubscribed"]
            await source.loading("s", count=0)
            assert source.cancelled == ["s"]

    async def test_subscribing_again_cancels_the_load_and_starts_one(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            await source.loading("s")
            wire.say(subscribe("s"), '{"ping":{}}')
            assert await kinds(wire, 1) == ["pong"]
            source.release("s")
            assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            assert source.cancelled == ["s"]
            await source.publish("s", 1, EVENT)
            wire.say('{"ping":{}}')
            assert await kinds(wire, 2) == ["uiEvent", "pong"], "no duplicate"

    async def test_a_disconnect_cancels_its_own_loads_and_nothing_else(
        self, connect: Connect
    ) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source) as rooms:
            leaving, staying = await connect(rooms), await connect(rooms)
            source.block("t")
            leaving.say(subscribe("s"))
            staying.say(subscribe("t"))
            await source.loading("s")
            await source.loading("t")
            leaving.hang_up()
            await source.loading("s", count=0)
            source.release("t")
            assert await kinds(staying, 2) == ["snapshot", "subscribed"]
            assert source.cancelled == ["s"]

    async def test_subscribing_twice_in_one_breath_gives_one_snapshot(
        self, connect: Connect
    ) -> None:
        async with Rooms(MemorySource()) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"), subscribe("s"), '{"ping":{}}')
            assert sorted(await kinds(wire, 3)) == ["pong", "snapshot", "subscribed"]
            wire.say('{"ping":{}}')
            assert await kinds(wire, 1) == ["pong"]

    async def test_only_so_many_load_at_once(self, connect: Connect) -> None:
        source = MemorySource()
        source.block("a")
        source.block("b")
        async with Rooms(source, TransportSettings(max_snapshot_loads=1)) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("a"), subscribe("b"), '{"ping":{}}')
            assert await kinds(wire, 1) == ["pong"]
            await source.loading("a")
            await source.loading("b", count=0)
            source.release("a")
            await source.loading("b")
            source.release("b")
            assert await kinds(wire, 4) == ["snapshot", "subscribed", "snapshot", "subscribed"]

    async def test_a_client_that_does_not_read_is_sent_no_further_snapshot(
        self, connect: Connect
    ) -> None:
        """Snapshots may be large: they are loaded at the pace of the client."""
        source = MemorySource()
        async with Rooms(source, TransportSettings(max_queued_frames=1)) as rooms:
            wire = await connect(rooms)
            wire.stop_reading()
            source.block("b")
            wire.say('{"ping":{}}', '{"ping":{}}', subscribe("b"))
            await source.loading("b", count=0)
            wire.go_on_reading()
            await source.loading("b", count=1)
            source.release("b")
            assert await kinds(wire, 4) == ["pong", "pong", "snapshot", "subscribed"]


class TestAFailingSnapshot:
    async def test_is_an_error_frame_without_the_errors_text(
        self, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        records: list[Record] = []
        source = MemorySource([records.append])
        source.fail("s", RuntimeError("password=hunter2"))
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            with caplog.at_level(logging.ERROR):
                wire.say(subscribe("s"))
                assert await error(wire) == {
                    "code": "protocol_error",
                    "message": "the snapshot of this session could not be loaded",
                    "sessionId": "s",
                }
        assert "password=hunter2" in caplog.text, "the operator's log has it"
        told = await events(source, records)
        (rejected,) = [r for r in told if r.event is TransportEvent.FRAME_REJECTED]
        assert (rejected.session_id, rejected.detail) == ("s", "protocol_error: RuntimeError")

    async def test_because_the_server_is_ending_is_nothing_for_the_log(
        self, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = MemorySource()
        source.fail("s", HubClosedError("reading a session"))
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            assert (await error(wire))["code"] == "protocol_error"
        assert caplog.messages == []

    async def test_leaves_the_room(self, connect: Connect) -> None:
        source = MemorySource()
        source.fail("s", RuntimeError())
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"))
            await error(wire)
            await source.publish("s", 1, EVENT)
            wire.say('{"ping":{}}')
            assert await kinds(wire, 1) == ["pong"]


class TestTheEnd:
    async def test_a_wire_that_breaks_ends_the_connection(self, connect: Connect) -> None:
        records: list[Record] = []
        source = MemorySource([records.append])
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.stop_reading()
            wire.say('{"ping":{}}')
            wire.hang_up()
            await rooms.deserted()
        assert [record.event for record in await events(source, records)] == [
            TransportEvent.CONNECTED,
            TransportEvent.DISCONNECTED,
        ]

    async def test_a_client_that_asks_and_leaves_at_once_is_no_failure(
        self, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A question and a close frame may come in one segment."""
        async with Rooms(MemorySource()) as rooms:
            wire = await connect(rooms)
            wire.say('{"ping":{}}')
            wire.hang_up()
            await rooms.deserted()
        assert caplog.text == ""

    async def test_a_close_that_hangs_holds_no_task_for_ever(self) -> None:
        settings = TransportSettings(close_timeout=0.01)
        async with Rooms(MemorySource(), settings) as rooms:
            wire = MemoryWire()
            task = asyncio.create_task(rooms.handle(wire))
            await wire.hear()
            wire.get_stuck()
        assert task.done()
        await wire.cut()

    async def test_a_bug_closes_this_connection_with_1011_and_no_text(
        self, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        class BrokenWire(MemoryWire):
            async def receive(self) -> str | bytes | None:
                await super().receive()
                raise RuntimeError("secret")

        async with Rooms(MemorySource()) as rooms, asyncio.TaskGroup() as group:
            broken, sound = BrokenWire(), await connect(rooms)
            group.create_task(rooms.handle(broken))
            broken.say("")
            assert await broken.closed() == WireClosed(1011, "internal error")
            sound.say('{"ping":{}}')
            assert await kinds(sound, 1) == ["pong"]
        assert "secret" in caplog.text

    async def test_cancelling_it_leaves_every_room(self) -> None:
        source = MemorySource()
        async with Rooms(source) as rooms:
            wire = MemoryWire()
            task = asyncio.create_task(rooms.handle(wire))
            wire.say(subscribe("s"))
            assert await kinds(wire, 3) == ["hello", "snapshot", "subscribed"]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await source.publish("s", 1, EVENT)
            assert wire.heard() == []

    async def test_one_that_is_ended_while_others_get_a_batch_does_not_get_it(self) -> None:
        source = MemorySource()

        class EndsAll(MemoryWire):
            def send_now(self, frames: Encoded) -> bool:
                rooms.revoke("anonymous")
                return super().send_now(frames)

        async with Rooms(source) as rooms, asyncio.TaskGroup() as group:
            first, second = EndsAll(), MemoryWire()
            for wire in (first, second):
                group.create_task(rooms.handle(wire))
                wire.say(subscribe("s"))
                assert await kinds(wire, 3) == ["hello", "snapshot", "subscribed"]
            await source.publish("s", 1, EVENT)
            assert (await second.closed()).code == 4403
            assert second.heard() == []


class TestRecords:
    async def test_observers_follow_a_connection_from_end_to_end(self, connect: Connect) -> None:
        records: list[Record] = []
        source = MemorySource([records.append])
        async with Rooms(source) as rooms:
            wire = await connect(rooms)
            wire.say(subscribe("s"), '{"unsubscribe":{"sessionId":"t"}}', "secret")
            await kinds(wire, 4)
        found = await events(source, records)
        told = [(record.event, record.session_id, record.detail) for record in found]
        assert sorted(told) == [
            (TransportEvent.CONNECTED, "", ""),
            (TransportEvent.DISCONNECTED, "", "1001 the server shuts down"),
            (TransportEvent.FRAME_REJECTED, "", "bad_client_frame"),
            (TransportEvent.SUBSCRIBED, "s", ""),
        ]
        assert len({record.connection_id for record in found}) == 1


async def events(source: MemorySource, records: list[Record]) -> list[TransportRecord]:
    await source.observers.flush()
    return [record for record in records if isinstance(record, TransportRecord)]
