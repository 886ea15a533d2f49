"""Whom an application revokes, whatever is on its way at that moment."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.gate import Gate
from sessionstream.transport.revocations import Revocations
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.transport.frames import ask, heard, kinds

EVENT = StringValue(value="x")
REQUEST = ConnectionRequest(path="/ws", token="bob")
LATE = TransportSettings(unauthenticated_seconds=60, drain_seconds=0)


class Tokens:
    """A hook that looks a token up, then takes its time."""

    def __init__(self) -> None:
        self.valid = {"bob"}
        self.asked = 0
        self.looks = asyncio.Event()
        self.go_on = asyncio.Event()

    async def authenticate(self, request: ConnectionRequest) -> Principal | None:
        self.asked += 1
        token = request.token
        if token is None or token not in self.valid:
            return None
        self.looks.set()
        await self.go_on.wait()
        return Principal(token)


class TestRevocations:
    @given(st.lists(st.sampled_from("abcdef")), st.integers(1, 4), st.data())
    def test_none_is_missed_and_few_are_kept(
        self, revoked: list[str], remembered: int, data: st.DataObject
    ) -> None:
        revocations = Revocations(remembered)
        begin = data.draw(st.integers(0, len(revoked)))
        for name in revoked[:begin]:
            revocations.add(name)
        mark = revocations.mark
        for name in revoked[begin:]:
            revocations.add(name)
        assert len(revocations) <= remembered
        assert all(revocations.has_since(mark, name) for name in revoked[begin:])
        if len(set(revoked)) <= remembered:
            others = set("abcdef").difference(revoked[begin:])
            assert not any(revocations.has_since(mark, name) for name in others)

    def test_nothing_after_the_mark_is_nothing(self) -> None:
        revocations = Revocations(1)
        for name in "abc":
            revocations.add(name)
        assert not revocations.has_since(revocations.mark, "a")


class TestWhoIsJustBeingAskedAbout:
    @pytest.fixture
    def tokens(self) -> Tokens:
        return Tokens()

    async def test_is_asked_about_again(self, tokens: Tokens) -> None:
        gate = Gate(Access(authenticate=tokens.authenticate), timeout=60)
        asking = asyncio.ensure_future(gate.authenticate(REQUEST))
        await tokens.looks.wait()
        tokens.valid.clear()
        gate.revocations.add("bob")
        tokens.go_on.set()
        assert await asking is None
        assert tokens.asked == 2

    async def test_is_not_where_somebody_else_was_revoked(self, tokens: Tokens) -> None:
        gate = Gate(Access(authenticate=tokens.authenticate), timeout=60)
        asking = asyncio.ensure_future(gate.authenticate(REQUEST))
        await tokens.looks.wait()
        gate.revocations.add("ann")
        tokens.go_on.set()
        assert await asking == Principal("bob")
        assert tokens.asked == 1

    async def test_is_refused_by_the_handshake(self, tokens: Tokens) -> None:
        access = Access(authenticate=tokens.authenticate)
        async with Rooms(MemorySource(), access=access) as rooms:
            asking = asyncio.ensure_future(rooms.admit(REQUEST, V2_JSON))
            await tokens.looks.wait()
            tokens.valid.clear()
            rooms.revoke("bob")
            tokens.go_on.set()
            assert await asking is None

    async def test_is_not_let_in_by_a_frame(self, tokens: Tokens) -> None:
        access = Access(authenticate=tokens.authenticate)
        async with Rooms(MemorySource(), LATE, access=access) as rooms:
            wire = MemoryWire()
            admission = await rooms.admit(ConnectionRequest(path="/ws"), V2_JSON)
            serving = asyncio.create_task(rooms.handle(wire, admission))
            assert (await heard(wire))[0] == "hello"
            wire.say(ask("authenticate", token="bob"))
            await tokens.looks.wait()
            tokens.valid.clear()
            rooms.revoke("bob")
            tokens.go_on.set()
            kind, body = await heard(wire)
            assert (kind, body["code"]) == ("error", "unauthenticated")
            wire.hang_up()
            await serving


class TestWhoWasLetInButIsNotYetThere:
    @pytest.mark.parametrize(
        ("revoked", "code"), [("bob", 4403), ("ann", None)], ids=["it", "somebody else"]
    )
    async def test_is_closed_if_revoked_meanwhile(self, revoked: str, code: int | None) -> None:
        """The handshake is being answered, and there is no connection yet to end."""
        tokens = Tokens()
        tokens.go_on.set()
        access = Access(authenticate=tokens.authenticate)
        async with Rooms(MemorySource(), LATE, access=access) as rooms:
            admission = await rooms.admit(REQUEST, V2_JSON)
            rooms.revoke(revoked)
            wire = MemoryWire()
            serving = asyncio.create_task(rooms.handle(wire, admission))
            if code is not None:
                assert (await wire.closed()).code == code
            else:
                assert (await heard(wire))[0] == "hello"
                wire.hang_up()
            await serving

    async def test_stays_if_only_one_session_was_revoked(self) -> None:
        tokens = Tokens()
        tokens.go_on.set()
        access = Access(authenticate=tokens.authenticate)
        async with Rooms(MemorySource(), LATE, access=access) as rooms:
            admission = await rooms.admit(REQUEST, V2_JSON)
            rooms.revoke("bob", "s")
            wire = MemoryWire()
            serving = asyncio.create_task(rooms.handle(wire, admission))
            assert (await heard(wire))[0] == "hello"
            wire.hang_up()
            await serving


class TestWhatWaitsForAClient:
    async def test_of_a_session_that_it_may_not_see_any_more_is_not_sent(self) -> None:
        source = MemorySource()
        async with Rooms(source, TransportSettings(drain_seconds=0)) as rooms:
            wire = MemoryWire()
            serving = asyncio.create_task(rooms.handle(wire, Admission(dialect=V2_JSON)))
            await heard(wire)
            for session_id in ("s", "t"):
                wire.say(ask("subscribe", sessionId=session_id))
                assert await kinds(wire, 2) == ["snapshot", "subscribed"]
            wire.stop_reading()
            for ordinal in (1, 2, 3):
                await source.publish("s", ordinal, EVENT)
            await source.publish("t", 1, EVENT)
            rooms.revoke("anonymous", "s")
            wire.go_on_reading()
            met = [await heard(wire) for _ in range(2)]
            assert [(kind, body.get("sessionId")) for kind, body in met] == [
                ("uiEvent", "t"),
                ("error", "s"),
            ]
            wire.hang_up()
            await serving
