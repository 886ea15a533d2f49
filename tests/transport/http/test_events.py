"""Server-Sent Events of a session."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.http import HTTPSettings
from sessionstream.transport.settings import TransportSettings
from tests.transport.http.serving import Place, Reading, place

EVENTS = "/sessions/s/events"
Frame = Mapping[str, Mapping[str, object]]


@pytest.fixture
async def served() -> AsyncIterator[Place]:
    async with place() as served:
        yield served


def kind(frame: Frame) -> str:
    (name,) = frame
    return name


def shown(frame: Frame) -> object:
    payload = frame["uiEvent"]["payload"]
    assert isinstance(payload, dict)
    return payload["value"]


async def refusal(app: Reading) -> tuple[int, str]:
    status = await app.status()
    problem = json.loads(await app.event())
    assert problem["status"] == status
    return status, problem["code"]


class TestAStream:
    async def test_the_snapshot_comes_first_then_what_happens(self, served: Place) -> None:
        await served.said("one")
        epoch = (await served.hub.position("s")).epoch
        client = Reading(served.app, EVENTS)
        assert await client.status() == 200
        ids, frames = zip(*[await client.frame() for _ in range(2)], strict=True)
        assert [kind(frame) for frame in frames] == ["snapshot", "subscribed"]
        assert ids == (f"{epoch}:1", f"{epoch}:1")
        await served.said("two")
        at, frame = await client.frame()
        assert (at, shown(frame)) == (f"{epoch}:2", "two")
        await client.hang_up()
        assert served.rooms.watched() == set()

    async def test_the_browser_is_told_when_to_come_back(self) -> None:
        async with place(http=HTTPSettings(retry=3)) as served:
            client = Reading(served.app, EVENTS)
            await client.status()
            assert await client.event() == "retry: 3000"
            await client.hang_up()

    async def test_an_ephemeral_session_id_of_any_text_is_watched(self, served: Place) -> None:
        client = Reading(served.app, '/sessions/ü"\\\n/events')
        assert await client.status() == 200
        _, frame = await client.frame()
        assert frame["snapshot"]["sessionId"] == 'ü"\\\n'
        await client.hang_up()

    async def test_closing_the_rooms_ends_it_and_says_why(self, served: Place) -> None:
        client = Reading(served.app, EVENTS)
        await client.status()
        await served.rooms.aclose()
        events = [await client.event()]
        while events[-1]:
            events.append(await client.event())
        assert events[-2].startswith('event: close\ndata: {"code": 1001')
        await client.task

    async def test_after_that_there_are_none(self, served: Place) -> None:
        await served.rooms.aclose()
        assert await refusal(Reading(served.app, EVENTS)) == (503, "unavailable")


class TestComingBack:
    async def position(self, served: Place) -> str:
        await served.said("one", "two", "three")
        return f"{(await served.hub.position('s')).epoch}:1"

    @pytest.mark.parametrize("how", ["header", "query"])
    async def test_everything_after_the_last_event_comes_and_nothing_twice(
        self, served: Place, how: str
    ) -> None:
        at = await self.position(served)
        client = (
            Reading(served.app, EVENTS, last_event_id=at)
            if how == "header"
            else Reading(served.app, EVENTS, f"lastEventId={at}")
        )
        assert await client.status() == 200
        ids, frames = zip(*[await client.frame() for _ in range(3)], strict=True)
        assert ids == tuple(at.replace(":1", f":{ordinal}") for ordinal in (2, 3, 3))
        assert [shown(frame) for frame in frames[:2]] == ["two", "three"]
        assert frames[2]["subscribed"]["outcome"] == "RESUMED"
        await client.hang_up()

    async def test_what_the_browser_says_is_newer_than_what_the_page_wrote(
        self, served: Place
    ) -> None:
        old = await self.position(served)
        new = old.replace(":1", ":2")
        client = Reading(served.app, EVENTS, f"lastEventId={old}", last_event_id=new)
        await client.status()
        assert shown((await client.frame())[1]) == "three"
        await client.hang_up()

    async def test_a_position_of_another_life_gets_the_snapshot(self, served: Place) -> None:
        await self.position(served)
        client = Reading(served.app, EVENTS, last_event_id="other:1")
        await client.status()
        assert kind((await client.frame())[1]) == "snapshot"
        assert (await client.frame())[1]["subscribed"]["reason"] == "EPOCH_CHANGED"
        await client.hang_up()

    async def test_with_resume_only_that_is_410(self, served: Place) -> None:
        await self.position(served)
        client = Reading(served.app, EVENTS, "mode=resume_only", last_event_id="other:1")
        assert await refusal(client) == (410, "cannot_resume")

    async def test_a_live_stream_begins_with_nothing(self, served: Place) -> None:
        await served.said("one")
        client = Reading(served.app, EVENTS, "mode=live")
        await client.status()
        assert (await client.frame())[1]["subscribed"]["outcome"] == "LIVE_ONLY"
        await client.hang_up()

    @pytest.mark.parametrize(
        ("query", "last"), [("", "nonsense"), ("mode=all", "e:1"), ("mode=resume_only", "")]
    )
    async def test_what_is_no_position_or_mode_is_400(
        self, served: Place, query: str, last: str
    ) -> None:
        client = Reading(served.app, EVENTS, query, last_event_id=last)
        assert await refusal(client) == (400, "bad_request")


class TestWhoMay:
    async def test_a_session_that_is_denied_is_like_one_that_does_not_exist(self) -> None:
        async def nobody(principal: Principal, session_id: str) -> bool:
            return False

        async with place(Access(authorize_subscribe=nobody)) as served:
            await served.said("secret")
            denied = await refusal(Reading(served.app, EVENTS))
            missing = await refusal(Reading(served.app, "/sessions/t/events"))
        assert denied == missing == (403, "subscribe_denied")

    async def test_who_is_nobody_is_401(self) -> None:
        async def nobody(request: ConnectionRequest) -> Principal | None:
            return None

        async with place(Access(authenticate=nobody)) as served:
            assert await refusal(Reading(served.app, EVENTS)) == (401, "unauthenticated")

    async def test_one_that_is_revoked_ends(self) -> None:
        async def ann(request: ConnectionRequest) -> Principal | None:
            return Principal("ann")

        async with place(Access(authenticate=ann)) as served:
            client = Reading(served.app, EVENTS)
            await client.status()
            await client.frame()
            await client.frame()
            served.rooms.revoke("ann")
            assert '"code": 4403' in await client.event()
            await client.task

    async def test_one_more_stream_than_a_principal_may_have_is_429(self) -> None:
        async def ann(request: ConnectionRequest) -> Principal | None:
            return Principal("ann")

        settings = TransportSettings(max_principal_connections=1)
        async with place(Access(authenticate=ann), settings=settings) as served:
            first = Reading(served.app, EVENTS)
            assert await first.status() == 200
            assert (await refusal(Reading(served.app, EVENTS)))[0] == 429
            await first.hang_up()


class TestASlowReader:
    async def test_it_is_caught_up_without_a_gap_when_it_reads_again(self) -> None:
        async with place(settings=TransportSettings(max_queued_frames=4)) as served:
            client = Reading(served.app, EVENTS, "mode=live")
            await client.status()
            await client.frame()
            client.stop_taking()
            await served.said(*(f"text {number}" for number in range(50)))
            assert served.rooms.queued_bytes() < 4 * 1000
            client.go_on_taking()
            ordinals = [(await client.frame())[1]["uiEvent"]["eventOrdinal"] for _ in range(50)]
            assert ordinals == [str(ordinal) for ordinal in range(1, 51)]
            await client.hang_up()

    async def test_one_that_takes_nothing_any_more_is_left(self) -> None:
        settings = TransportSettings(progress_timeout=0.01, close_timeout=0.01)
        async with place(settings=settings) as served:
            client = Reading(served.app, EVENTS)
            await client.status()
            client.stop_taking()
            await served.said("one")
            await client.task
            assert served.rooms.watched() == set()


class TestSilence:
    async def test_a_stream_without_events_has_heartbeats_and_stays(self) -> None:
        # Long enough for a busy machine to take the answers to the pings meanwhile.
        settings = TransportSettings(ping_interval=0.3, position_interval=60)
        async with place(settings=settings) as served:
            client = Reading(served.app, EVENTS, "mode=live")
            await client.status()
            await client.frame()
            assert [await client.event() for _ in range(3)] == [":"] * 3
            await served.hub.publish("s", "Said", StringValue(value="one"))
            assert shown((await client.frame())[1]) == "one"
            await client.hang_up()


async def test_a_session_id_that_none_can_have_is_refused_whatever_the_method() -> None:
    async with place() as served, served.http() as client:
        for method in ("GET", "HEAD"):
            answer = await client.request(method, f"/sessions/{'s' * 600}/events")
            assert answer.status_code == 400
