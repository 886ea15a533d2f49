"""What requests may use: they count as connections do, and hold no more than they may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest

from sessionstream.observer import Record, TransportRecord
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.http import HTTPSettings, SessionStreamApp
from sessionstream.transport.http.bodies import Bodies, Body
from sessionstream.transport.http.problems import ProblemError
from sessionstream.transport.readings import Opened
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import SharedSnapshot
from sessionstream.types import Position, Snapshot
from tests.runtime.app import settled
from tests.transport.http.serving import Place, Reading, place

SNAPSHOT = "/sessions/s/snapshot"
SAY = "/sessions/s/commands/Say"


async def by_token(request: ConnectionRequest) -> Principal | None:
    return Principal(request.bearer() or "nobody")


def snapshot() -> SharedSnapshot:
    found = Snapshot(session_id="s", snapshot_ordinal=0, entities=())
    return SharedSnapshot(Opened(snapshot=found, position=Position(epoch="e", head=0, shown=0)))


class Ask:
    """Asks for one thing as somebody."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(self, path: str = SNAPSHOT, who: str = "ann") -> tuple[int, str]:
        headers = {"authorization": f"Bearer {who}"}
        answer = await self._client.get(path, headers=headers)
        return answer.status_code, answer.json().get("code", "")


class TestRequestsBeingAnswered:
    async def test_count_with_the_connections_of_their_principal(self) -> None:
        settings = TransportSettings(max_principal_connections=1, drain_seconds=0)
        async with (
            place(Access(authenticate=by_token), settings=settings) as served,
            served.http() as client,
        ):
            ask = Ask(client)
            stuck = Reading(served.app, SNAPSHOT, authorization="Bearer ann")
            stuck.stop_taking()
            await asyncio.sleep(0)
            assert await ask() == (429, "rate_limited")
            assert await ask(who="bob") == (200, "")
            stuck.go_on_taking()
            await stuck.task
            assert await ask() == (200, "")

    async def test_count_with_all_connections(self) -> None:
        settings = TransportSettings(max_connections=1, drain_seconds=0)
        async with place(settings=settings) as served, served.http() as client:
            stuck = Reading(served.app, SNAPSHOT)
            stuck.stop_taking()
            await asyncio.sleep(0)
            assert await Ask(client)() == (503, "unavailable")
            stuck.go_on_taking()
            await stuck.task
            assert await Ask(client)() == (200, "")

    async def test_a_stream_of_events_counts_once(self) -> None:
        settings = TransportSettings(max_principal_connections=1, drain_seconds=0)
        async with place(Access(authenticate=by_token), settings=settings) as served:
            first = Reading(served.app, "/sessions/s/events", authorization="Bearer ann")
            assert await first.status() == 200
            second = Reading(served.app, "/sessions/s/events", authorization="Bearer ann")
            assert await second.status() == 429
            await first.hang_up()

    async def test_are_told_to_observers_as_connections_are(self) -> None:
        told: list[Record] = []
        source = MemorySource(observers=[told.append])
        async with Rooms(source) as rooms:
            with rooms.visit(Principal("ann"), "s"):
                pass
        await source.observers.flush(60)
        records = [each for each in told if isinstance(each, TransportRecord)]
        assert [(each.event, each.session_id) for each in records] == [
            ("connected", "s"),
            ("disconnected", "s"),
        ]
        assert len({each.connection_id for each in records}) == 1

    async def test_a_refusal_is_told_with_its_code(self) -> None:
        told: list[Record] = []
        async with place(observers=[told.append]) as served, served.http() as client:
            await client.post("/sessions/s/commands/Unknown", json="hi")
            await served.hub.observers.flush(60)
        records = [each for each in told if isinstance(each, TransportRecord)]
        assert [(each.event, each.detail) for each in records] == [
            ("connected", ""),
            ("frame_rejected", "unknown_command"),
            ("disconnected", ""),
        ]


class TestAClientThatTakesNothing:
    @pytest.mark.parametrize("taken", [0, 1, 3])
    async def test_its_answer_is_given_up(self, taken: int) -> None:
        settings = TransportSettings(progress_timeout=0.01)
        async with place(settings=settings) as served:
            await served.said("x" * 200_000)
            stuck = Reading(served.app, SNAPSHOT)
            stuck.stop_taking(after=taken)
            await stuck.task
            assert len(stuck.taken()) == taken


@pytest.fixture
def bodies() -> Bodies:
    return Bodies(100)


Hold = Callable[[int, str], None]


class TestBodies:
    def test_those_who_load_together_share_one(self, bodies: Bodies) -> None:
        shared = snapshot()
        assert bodies.of(shared, "application/json") is bodies.of(shared, "application/json")
        assert bodies.of(shared, "application/json") is not bodies.of(shared, "other")
        assert bodies.of(shared, "other") is not bodies.of(snapshot(), "other")

    def test_a_shared_one_is_held_once(self, bodies: Bodies) -> None:
        body = Body(b"x" * 60)
        with bodies.holding(body, "ann"), bodies.holding(body, "bob"):
            assert bodies.held == 60
        assert bodies.held == 0

    def test_all_together_hold_no_more_than_the_limit(self, bodies: Bodies) -> None:
        with bodies.holding(Body(b"x" * 60), "ann"):
            with pytest.raises(ProblemError) as caught, bodies.holding(Body(b"x" * 60), "bob"):
                pass
            assert caught.value.code == "unavailable"
            with bodies.holding(Body(b"x" * 40), "bob"), pytest.raises(ProblemError):
                bodies.check_room()
        assert bodies.held == 0
        bodies.check_room()

    def test_one_client_holds_no_more_than_a_quarter(self, bodies: Bodies) -> None:
        with ExitStack() as held:
            held.enter_context(bodies.holding(Body(b"x" * 20), "ann"))
            with pytest.raises(ProblemError) as caught, bodies.holding(Body(b"x" * 20), "ann"):
                pass
            assert caught.value.code == "rate_limited"
            held.enter_context(bodies.holding(Body(b"x" * 20), "bob"))
        assert bodies.held == 0

    def test_a_single_one_may_be_larger(self, bodies: Bodies) -> None:
        with bodies.holding(Body(b"x" * 1000), "ann"):
            assert bodies.held == 1000


class TestSnapshots:
    async def test_that_are_too_many_at_once_are_503(self) -> None:
        settings = HTTPSettings(max_snapshot_bytes=1)
        async with place(http=settings) as served, served.http() as client:
            await served.said("hi")
            stuck = Reading(served.app, SNAPSHOT)
            stuck.stop_taking(after=1)
            assert await stuck.status() == 200
            answer = await client.get(SNAPSHOT)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["retry-after"] == "1"
            stuck.go_on_taking()
            await stuck.task
            assert (await client.get(SNAPSHOT)).status_code == 200

    @pytest.mark.parametrize("session_id", [None, "s"])
    async def test_of_one_who_was_revoked_meanwhile_are_not_sent(
        self, session_id: str | None
    ) -> None:
        served: Place

        async def may(principal: Principal, _: str) -> bool:
            served.rooms.revoke(principal.id, session_id)
            return True

        access = Access(authenticate=by_token, authorize_subscribe=may)
        async with place(access) as served, served.http() as client:
            answer = await client.get(SNAPSHOT, headers={"authorization": "Bearer ann"})
            assert (answer.status_code, answer.json()["code"]) == (403, "subscribe_denied")

    async def test_asked_for_together_are_read_once(self) -> None:
        source = MemorySource()
        source.block("s")
        async with Rooms(source) as rooms:
            app = SessionStreamApp(rooms)
            first = Reading(app, SNAPSHOT)
            await source.loading("s")
            others = [Reading(app, SNAPSHOT) for _ in range(5)]
            await settled()
            source.release("s")
            for reading in (first, *others):
                assert await reading.status() == 200
                await reading.task
        assert source.loads["s"] == 2

    async def test_that_one_client_waits_for_hold_nobody_else_up(self) -> None:
        source = MemorySource()
        source.block("s")
        settings = TransportSettings(max_snapshot_loads=1)
        async with Rooms(source, settings, access=Access(authenticate=by_token)) as rooms:
            app = SessionStreamApp(rooms)
            stuck = Reading(app, SNAPSHOT, authorization="Bearer ann")
            await source.loading("s")
            waits = Reading(app, "/sessions/t/snapshot", authorization="Bearer ann")
            goes = Reading(app, "/sessions/t/snapshot", authorization="Bearer bob")
            assert await goes.status() == 200
            assert waits.taken() == []
            source.release("s")
            for reading in (stuck, waits):
                assert await reading.status() == 200
                await reading.task
