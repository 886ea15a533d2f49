"""How a request is read and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.asgi import connection_request
from sessionstream.transport.http.exchange import ClientGoneError, Exchange, respond
from sessionstream.transport.http.messages import Response
from sessionstream.transport.http.problems import ProblemError
from sessionstream.transport.http.routes import Resource, Route

BODY: dict[str, object] = {"type": "http.request"}


async def drop(message: dict[str, object]) -> None:
    """Takes what nobody looks at."""


def exchange(
    messages: Sequence[Mapping[str, object]], length: str | None = None, version: str = "1.1"
) -> Exchange:
    left = list(messages)

    async def receive() -> Mapping[str, object]:
        return left.pop(0) if left else await asyncio.Future[Mapping[str, object]]()

    headers = {} if length is None else {"content-length": [length]}
    return Exchange(
        request=ConnectionRequest(path="/", headers=headers),
        method="POST",
        version=version,
        route=Route(Resource.COMMAND, "s", "Say"),
        receive=receive,
        send=drop,
    )


class TestABody:
    async def test_it_may_come_in_pieces(self) -> None:
        pieces = [BODY | {"body": b"ab", "more_body": True}, BODY | {"body": b"c"}]
        assert await exchange(pieces).body(3, 30) == b"abc"

    async def test_there_may_be_none(self) -> None:
        assert await exchange([BODY]).body(3, 30) == b""

    async def test_one_that_says_that_it_is_too_long_is_not_read(self) -> None:
        with pytest.raises(ProblemError, match="at most 3 bytes") as caught:
            await exchange([], length="4").body(3, 30)
        assert caught.value.status == 413
        assert ("connection", "close") in caught.value.headers

    @pytest.mark.parametrize("length", [None, "1", "x"])
    async def test_one_that_does_not_is_read_no_further_than_the_limit(
        self, length: str | None
    ) -> None:
        endless = [BODY | {"body": b"abcd", "more_body": True}]
        with pytest.raises(ProblemError, match="at most 3 bytes"):
            await exchange(endless, length).body(3, 30)

    async def test_one_that_does_not_come_is_not_waited_for(self) -> None:
        with pytest.raises(ProblemError, match=r"within 0\.001 s") as caught:
            await exchange([BODY | {"body": b"a", "more_body": True}]).body(3, 0.001)
        assert caught.value.status == 408

    async def test_http_2_has_no_header_to_end_a_connection(self) -> None:
        with pytest.raises(ProblemError) as caught:
            await exchange([], length="4", version="2").body(3, 30)
        assert not caught.value.headers

    async def test_a_client_that_leaves_gets_no_answer(self) -> None:
        with pytest.raises(ClientGoneError):
            await exchange([{"type": "http.disconnect"}]).body(3, 30)


class TestAnAnswer:
    async def send(self, response: Response, method: str = "GET") -> list[dict[str, object]]:
        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await respond(send, method, response, 60)
        return sent

    async def test_it_may_not_be_kept_unless_it_says_so(self) -> None:
        start, body = await self.send(Response(status=200, body=b"abc"))
        assert start["headers"] == [
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
            (b"content-length", b"3"),
        ]
        assert body["body"] == b"abc"
        start, _ = await self.send(Response(status=304, headers=(("cache-control", "private"),)))
        assert start["headers"] == [
            (b"cache-control", b"private"),
            (b"x-content-type-options", b"nosniff"),
        ]

    async def test_to_head_it_is_the_same_without_its_body(self) -> None:
        response = Response(status=200, body=b"abc")
        (head, no_body), (get, _) = await self.send(response, "HEAD"), await self.send(response)
        assert head == get
        assert no_body["body"] == b""


class TestWhatIsKnownOfTheClient:
    def test_headers_of_proxies_are_not_believed(self) -> None:
        request = connection_request(
            {
                "type": "http",
                "path": "/x",
                "query_string": b"a=%20",
                "headers": [(b"x-forwarded-for", b"1.2.3.4"), (b"a", b"1"), (b"a", b"2")],
                "client": ("9.9.9.9", 1),
            }
        )
        assert (request.remote, request.path, request.query) == ("9.9.9.9", "/x", "a=%20")
        assert request.headers["a"] == ["1", "2"]

    def test_a_server_need_not_know_it(self) -> None:
        assert connection_request({"path": "/", "headers": [], "client": None}).remote == ""
