"""The application around the three doors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from sessionstream.transport.access import Access, ConnectionRequest, Principal
from tests.transport.http.serving import Place, place

SAY, SNAPSHOT, EVENTS = (f"/sessions/s/{each}" for each in ("commands/Say", "snapshot", "events"))


@pytest.fixture
async def served() -> AsyncIterator[Place]:
    async with place(origins=["https://app.example"]) as served:
        yield served


async def by_token(request: ConnectionRequest) -> Principal | None:
    token = request.bearer()
    return None if token is None else Principal(token)


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [
            ("GET", SAY, "POST, OPTIONS"),
            ("POST", SNAPSHOT, "GET, HEAD, OPTIONS"),
            ("DELETE", EVENTS, "GET, HEAD, OPTIONS"),
        ],
    )
    async def test_a_wrong_one_is_told_the_right_ones(
        self, served: Place, method: str, path: str, allow: str
    ) -> None:
        async with served.http() as client:
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, allow)
            asked = await client.options(path)
            assert (asked.status_code, asked.headers["allow"]) == (204, allow)

    @pytest.mark.parametrize("path", [SNAPSHOT, EVENTS])
    async def test_head_has_the_headers_and_no_body(self, served: Place, path: str) -> None:
        async with served.http() as client:
            answer = await client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert served.rooms.watched() == set()

    async def test_the_socket_asks_http_to_upgrade(self, served: Place) -> None:
        async with served.http() as client:
            assert (await client.get("/ws")).status_code == 426

    async def test_anything_else_is_404(self, served: Place) -> None:
        async with served.http() as client:
            answer = await client.get("/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestOrigins:
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://test:81"])
    @pytest.mark.parametrize("path", [SAY, SNAPSHOT, EVENTS])
    async def test_a_foreign_page_is_refused(self, served: Place, origin: str, path: str) -> None:
        method = "POST" if path is SAY else "GET"
        async with served.http() as client:
            answer = await client.request(method, path, json="hi", headers={"origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
        assert served.application.runs == 0

    @pytest.mark.parametrize("origin", ["http://test", "https://app.example"])
    async def test_one_of_the_same_host_or_on_the_list_is_not(
        self, served: Place, origin: str
    ) -> None:
        async with served.http() as client:
            answer = await client.post(SAY, json="hi", headers={"origin": origin})
        assert answer.status_code == 200


class TestWhoIsThere:
    async def test_every_request_says_so_again(self) -> None:
        async with place(Access(authenticate=by_token)) as served, served.http() as client:
            refused = await client.post(SAY, json="hi")
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            assert refused.headers["www-authenticate"] == "Bearer"
            client.headers["authorization"] = "Bearer ann"
            assert (await client.post(SAY, json="hi")).status_code == 200
            assert (await client.get(SNAPSHOT)).status_code == 200

    async def test_nothing_of_a_request_is_read_before_that(self) -> None:
        async def receive() -> Mapping[str, object]:
            raise AssertionError("nobody may read")

        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        async with place(Access(authenticate=by_token)) as served:
            scope = {"type": "http", "method": "POST", "path": SAY, "headers": []}
            await served.app(scope, receive, send)
        assert sent[0]["status"] == 401


class TestARequestThatBreaksOff:
    async def test_it_gets_no_answer_and_is_no_trouble(
        self, served: Place, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def receive() -> Mapping[str, object]:
            return {"type": "http.disconnect"}

        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await served.app(post(), receive, send)
        assert not sent
        assert not caplog.records
        assert served.application.runs == 0

    @pytest.mark.parametrize(("version", "is_closed"), [("1.1", True), ("1.0", True), ("2", False)])
    async def test_what_is_not_read_to_its_end_ends_a_connection_of_http_1(
        self, served: Place, version: str, is_closed: bool
    ) -> None:
        async def receive() -> Mapping[str, object]:
            return {"type": "http.request", "body": b"x" * 70_000, "more_body": True}

        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await served.app(post(http_version=version), receive, send)
        assert sent[0]["status"] == 413
        headers = sent[0]["headers"]
        assert isinstance(headers, list)
        assert ((b"connection", b"close") in headers) == is_closed


def post(**more: object) -> dict[str, object]:
    headers = [(b"content-type", b"application/json")]
    return {"type": "http", "method": "POST", "path": SAY, "headers": headers, **more}


class TestTrouble:
    async def test_what_is_unexpected_is_logged_and_told_to_nobody(
        self, served: Place, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def receive() -> Mapping[str, object]:
            raise LookupError("the secret")

        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        with caplog.at_level(logging.ERROR):
            await served.app(post(), receive, send)
        assert sent[0]["status"] == 500
        assert b"secret" not in b"".join(bytes(str(message), "utf-8") for message in sent)
        assert "the secret" in caplog.text

    async def test_any_other_scope_is_a_mistake_of_the_application(self, served: Place) -> None:
        with pytest.raises(ValueError, match="an ASGI scope 'mqtt' has no use"):
            await served.app({"type": "mqtt"}, None, None)


class TestASocketElsewhere:
    @pytest.mark.parametrize("path", ["/", SNAPSHOT])
    async def test_it_is_refused_before_it_is_accepted(self, served: Place, path: str) -> None:
        to_app: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        from_app: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        to_app.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": path, "headers": []}
        await served.app(scope, to_app.get, from_app.put)
        assert (await from_app.get())["type"] == "websocket.close"


class TestMounting:
    async def test_it_works_below_a_path_of_starlette(self, served: Place) -> None:
        outer = Starlette(
            routes=[Mount("/api/{version}", Starlette(routes=[Mount("/live", served.app)]))]
        )
        async with served.http(outer) as client:
            assert (await client.post(f"/api/1{'/live'}{SAY}", json="hi")).status_code == 200
            answer = await client.get("/api/1/live/sessions/a%2Fb/snapshot")
            assert answer.json()["sessionId"] == "a/b"
            assert (await client.get("/api/1/live/sessions")).status_code == 404

    async def test_a_server_may_start_and_end_it(self, served: Place) -> None:
        sent: list[dict[str, object]] = []
        said = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive() -> Mapping[str, object]:
            return said.pop(0)

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await served.app({"type": "lifespan"}, receive, send)
        assert [message["type"] for message in sent] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]
