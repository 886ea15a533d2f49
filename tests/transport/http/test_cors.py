"""Pages of listed origins may use the HTTP doors, those of others may not."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

from tests.transport.http.serving import Reading, place

SAY = "/sessions/s/commands/Say"
SNAPSHOT = "/sessions/s/snapshot"
EVENTS = "/sessions/s/events"
LISTED = "https://app.example"
ASKED = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


def allowed(answer: httpx.Response) -> str | None:
    values = answer.headers.get_list("access-control-allow-origin")
    assert len(values) <= 1
    return values[0] if values else None


class TestAPageOfAListedOrigin:
    async def test_may_read_answers(self) -> None:
        async with place(origins=[LISTED]) as served, served.http() as client:
            for answer in (
                await client.post(SAY, json="hi", headers={"origin": LISTED}),
                await client.get(SNAPSHOT, headers={"origin": LISTED}),
            ):
                assert answer.status_code == 200
                assert allowed(answer) == LISTED
                assert answer.headers["access-control-allow-credentials"] == "true"
                assert "etag" in answer.headers["access-control-expose-headers"]
                assert "origin" in answer.headers.get_list("vary", split_commas=True)

    async def test_may_read_why_it_was_refused(self) -> None:
        async with place(origins=[LISTED]) as served, served.http() as client:
            answer = await client.post(SAY, json=5, headers={"origin": LISTED})
            assert (answer.status_code, allowed(answer)) == (400, LISTED)

    async def test_may_read_events(self) -> None:
        async with place(origins=[LISTED]) as served:
            reading = Reading(served.app, EVENTS, origin=LISTED, host="test")
            assert (b"access-control-allow-origin", LISTED.encode()) in await reading.headers()
            await reading.hang_up()

    async def test_is_told_what_it_may_send(self) -> None:
        async with place(origins=[LISTED]) as served, served.http() as client:
            answer = await client.options(SAY, headers={"origin": LISTED, **ASKED})
        assert (answer.status_code, allowed(answer)) == (204, LISTED)
        assert answer.headers["access-control-allow-methods"] == "POST"
        asked = answer.headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "content-type", "idempotency-key", "last-event-id"} <= {*asked}


class TestAnyOtherPage:
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil"])
    async def test_is_told_nothing(self, origin: str) -> None:
        async with place(origins=[LISTED]) as served, served.http() as client:
            preflight = await client.options(SAY, headers={"origin": origin, **ASKED})
            answer = await client.get(SNAPSHOT, headers={"origin": origin})
        assert allowed(preflight) is None
        assert (answer.status_code, allowed(answer)) == (403, None)
        assert answer.headers["vary"] == "origin"

    async def test_of_the_same_host_needs_nothing(self) -> None:
        async with place(origins=[LISTED]) as served, served.http() as client:
            answer = await client.get(SNAPSHOT, headers={"origin": "http://test"})
        assert (answer.status_code, allowed(answer)) == (200, None)

    async def test_is_not_thought_of_where_no_origin_is_listed(self) -> None:
        async with place() as served, served.http() as client:
            answer = await client.get(SNAPSHOT)
        assert "origin" not in answer.headers["vary"]


class TestAFrameworksMiddleware:
    async def test_in_front_of_it_does_no_harm(self) -> None:
        async with place(origins=[LISTED]) as served:
            middleware = Middleware(CORSMiddleware, allow_origins=[LISTED], allow_methods=["*"])
            app = Starlette(routes=[Mount("/live", app=served.app)], middleware=[middleware])
            async with served.http(app) as client:
                headers = {"origin": LISTED}
                answer = await client.get(f"/live{SNAPSHOT}", headers=headers)
                assert (answer.status_code, allowed(answer)) == (200, LISTED)
