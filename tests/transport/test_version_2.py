"""Version 2 on a wire in memory: what rooms and connections add to the protocol."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import CommandRecord, HandlerError, HubClosedError, SchemaRegistry, StoreError
from sessionstream.accepted import Ending
from sessionstream.testing.clients.wire import MemoryWire, WireClosed
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.access import ANONYMOUS, Access, ConnectionRequest, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V1_JSON, V2_JSON, V2_PROTO
from sessionstream.transport.readings import Receipt, Verdict
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.v1 import transport_pb2 as pb
from tests.transport.frames import ask, heard, kinds, say

Enter = Callable[..., Awaitable[MemoryWire]]

EVENT = StringValue(value="x")
QUICK = TransportSettings(drain_seconds=0, close_timeout=0.05)


@pytest.fixture
async def enter() -> AsyncIterator[Enter]:
    """Connects a client of version 2 and swallows the greeting; clients hang up at the end."""
    wires: list[MemoryWire] = []
    async with asyncio.TaskGroup() as group:

        async def enter(rooms: Rooms, principal: Principal = ANONYMOUS) -> MemoryWire:
            wire = MemoryWire()
            wires.append(wire)
            admission = Admission(dialect=V2_JSON, principal=principal)
            group.create_task(rooms.handle(wire, admission))
            await wire.hear()
            return wire

        yield enter
        for wire in wires:
            wire.hang_up()


def talking() -> MemorySource:
    registry = SchemaRegistry()
    registry.register_command("Say", StringValue)
    return MemorySource(registry=registry)


class TestCommands:
    async def test_are_accepted_then_completed(self, enter: Enter) -> None:
        source = talking()
        async with Rooms(source, QUICK) as rooms:
            wire = await enter(rooms)
            wire.say(say())
            acks = [(await heard(wire))[1] for _ in range(2)]
            assert [ack["status"] for ack in acks] == ["ACCEPTED", "COMPLETED"]
            assert {(ack["requestId"], ack["commandId"]) for ack in acks} == {("r", "c")}
        assert source.accepted == [("s", "Say", StringValue(value="hi"), "c", None)]

    async def test_conflict_ends_it(self, enter: Enter) -> None:
        source = talking()
        source.receipts["c"] = Receipt(verdict=Verdict.CONFLICT, head=7, outcome=None)
        async with Rooms(source, QUICK) as rooms:
            wire = await enter(rooms)
            wire.say(say())
            _, ack = await heard(wire)
            told = (ack["status"], ack["code"], ack["headOrdinal"])
            assert told == ("CONFLICT", "conflict", "7")

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (HandlerError("Say", "nobody"), "no_handler"),
            (HubClosedError("accept"), "unavailable"),
            (StoreError("memory", "secret"), "unavailable"),
            (RuntimeError("secret"), "unavailable"),
        ],
    )
    async def test_that_are_not_taken_in_are_rejected_without_the_errors_text(
        self, enter: Enter, error: Exception, code: str
    ) -> None:
        source = talking()
        source.receipts["c"] = error
        async with Rooms(source, QUICK) as rooms:
            wire = await enter(rooms)
            wire.say(say())
            _, ack = await heard(wire)
            assert (ack["status"], ack["code"]) == ("REJECTED", code)
            assert "secret" not in ack["message"]

    async def test_that_have_not_ended_hold_nothing_up(self, enter: Enter) -> None:
        source = talking()
        never: asyncio.Future[CommandRecord] = asyncio.get_running_loop().create_future()
        source.receipts["c"] = Receipt(verdict=Verdict.ACCEPTED, head=0, outcome=Ending(never))
        async with Rooms(source, QUICK) as rooms:
            wire = await enter(rooms)
            wire.say(say(), say("other"), ask("ping"))
            assert sorted(await kinds(wire, 4)) == ["commandAck"] * 3 + ["pong"]

    async def test_that_are_denied_are_not_run(self, enter: Enter) -> None:
        async def deny(_: Principal, __: str, ___: str, ____: Message) -> bool:
            return False

        source = talking()
        async with Rooms(source, QUICK, access=Access(authorize_command=deny)) as rooms:
            wire = await enter(rooms)
            wire.say(say())
            _, ack = await heard(wire)
            assert (ack["status"], ack["code"]) == ("REJECTED", "command_denied")
        assert source.accepted == []


class TestAccess:
    async def test_a_denied_session_is_not_read(self, enter: Enter) -> None:
        async def deny(_: Principal, __: str) -> bool:
            return False

        source = MemorySource()
        async with Rooms(source, QUICK, access=Access(authorize_subscribe=deny)) as rooms:
            wire = await enter(rooms)
            wire.say(ask("subscribe", sessionId="s"))
            kind, body = await heard(wire)
            assert (kind, body["code"]) == ("error", "subscribe_denied")
            assert rooms.watched() == set()
        assert source.loads == {}

    async def test_a_stranger_is_refused_but_where_it_may_be_late(self) -> None:
        async def nobody(_: ConnectionRequest) -> Principal | None:
            return None

        access = Access(authenticate=nobody)
        request = ConnectionRequest(path="/ws")
        assert await Rooms(MemorySource(), QUICK, access=access).admit(request, V2_JSON) is None
        late = TransportSettings(unauthenticated_seconds=1)
        rooms = Rooms(MemorySource(), late, access=access)
        assert await rooms.admit(request, V1_JSON) is None
        admission = await rooms.admit(request, V2_PROTO)
        assert admission is not None
        assert admission.principal is None

    async def test_a_frame_authenticates_a_stranger(self) -> None:
        async def by_token(request: ConnectionRequest) -> Principal | None:
            return Principal("ann") if request.token == "t" else None

        late = TransportSettings(unauthenticated_seconds=60, drain_seconds=0)
        async with Rooms(MemorySource(), late, access=Access(authenticate=by_token)) as rooms:
            wire = MemoryWire()
            admission = await rooms.admit(ConnectionRequest(path="/ws"), V2_JSON)
            serving = asyncio.create_task(rooms.handle(wire, admission))
            _, hello = await heard(wire)
            assert hello["authenticationRequired"]
            wire.say(ask("subscribe", sessionId="s"))
            assert (await heard(wire))[1]["code"] == "unauthenticated"
            wire.say(ask("authenticate", token="wrong"))
            assert (await heard(wire))[1]["code"] == "unauthenticated"
            wire.say(ask("authenticate", token="t"))
            assert (await heard(wire))[0] == "authenticated"
            wire.say(ask("subscribe", sessionId="s"))
            assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            assert rooms.revoke("ann") == 1
            assert await wire.closed() == WireClosed(4403, "the access was revoked")
            await serving

    async def test_what_has_expired_ends(self, enter: Enter) -> None:
        async with Rooms(MemorySource(), QUICK) as rooms:
            wire = await enter(rooms, Principal("ann", expires_at=time.time() + 0.01))
            assert (await wire.closed()).code == 4401

    async def test_one_subscription_can_be_revoked(self, enter: Enter) -> None:
        source = MemorySource()
        async with Rooms(source, QUICK) as rooms:
            wire = await enter(rooms, Principal("ann"))
            wire.say(ask("subscribe", sessionId="s"))
            assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            rooms.revoke("ann", "s")
            assert (await heard(wire))[1]["code"] == "subscribe_denied"
            assert rooms.watched() == set()

    async def test_a_principal_has_so_many_connections(self, enter: Enter) -> None:
        async def ann(_: ConnectionRequest) -> Principal | None:
            return Principal("ann")

        few = TransportSettings(max_principal_connections=1, drain_seconds=0)
        async with Rooms(MemorySource(), few, access=Access(authenticate=ann)) as rooms:
            first, refused = await enter(rooms, Principal("ann")), MemoryWire()
            await rooms.handle(refused, Admission(dialect=V2_JSON, principal=Principal("ann")))
            assert (await refused.closed()).code == 4429
            first.hang_up()
            await rooms.deserted()
            await enter(rooms, Principal("ann"))


class TestTheServerEnds:
    async def test_clients_are_told_first_and_then_closed(self, enter: Enter) -> None:
        async with Rooms(MemorySource(), TransportSettings(drain_seconds=0.02)) as rooms:
            wires = [await enter(rooms) for _ in range(2)]
        for wire in wires:
            assert json.loads(await wire.hear()) == {"goAway": {"reconnectWithinMs": 20}}
            assert (await wire.closed()).code == 1001


class TestPositions:
    async def test_a_quiet_session_is_told_once_how_far_it_is(self, enter: Enter) -> None:
        source = MemorySource()
        often = TransportSettings(position_interval=0.005, drain_seconds=0)
        async with Rooms(source, often) as rooms:
            wire = await enter(rooms)
            wire.say(ask("subscribe", sessionId="s"))
            assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            source.set("s", 4)
            assert await heard(wire) == (
                "position",
                {"sessionId": "s", "epoch": "e1", "headOrdinal": "4"},
            )


class TestARecoveryStorm:
    async def test_one_read_serves_all_who_came_before_it_began(self, enter: Enter) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source, QUICK) as rooms:
            wires = [await enter(rooms) for _ in range(50)]
            wires[0].say(ask("subscribe", sessionId="s"))
            await source.loading("s")
            await source.publish("s", 1, EVENT)
            for wire in wires[1:]:
                wire.say(ask("subscribe", sessionId="s"), ask("ping"))
                assert (await heard(wire))[0] == "pong"
            source.release("s")
            for wire in wires:
                assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            assert source.loads["s"] == 2


class TestBinary:
    async def test_frames_go_both_ways(self) -> None:
        source = MemorySource()
        async with Rooms(source, QUICK) as rooms:
            wire = MemoryWire()
            serving = asyncio.create_task(rooms.handle(wire, Admission(dialect=V2_PROTO)))
            subscribe = pb.ClientFrame(subscribe=pb.SubscribeRequest(session_id="s"))
            wire.say(subscribe.SerializeToString())
            got = [pb.ServerFrame.FromString(await wire.hear_binary()) for _ in range(3)]
            assert [frame.WhichOneof("frame") for frame in got] == [
                "hello",
                "snapshot",
                "subscribed",
            ]
            await source.publish("s", 1, EVENT)
            shown = pb.ServerFrame.FromString(await wire.hear_binary()).ui_event
            assert (shown.event_ordinal, shown.batch_size) == (1, 1)
            wire.say("{}")
            refused = pb.ServerFrame.FromString(await wire.hear_binary()).error
            assert refused.code == "bad_client_frame"
            wire.hang_up()
            await serving
