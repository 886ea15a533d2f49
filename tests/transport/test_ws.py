"""The WebSocket server, over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from sessionstream.hub import Hub
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.ws import BoundedConnection, Page, Server, WebSocketHandler, serve

PAGES = {
    "/": Page(b"<h1>caf\xc3\xa9</h1>"),
    "/healthz": Page(b"ok", "text/plain; charset=utf-8"),
}


@pytest.fixture
async def server(hub: Hub) -> AsyncIterator[Server]:
    async with serve(hub, pages=PAGES.get) as server:
        yield server


async def frame(client: ClientConnection) -> tuple[str, dict[str, str]]:
    """The kind and the body of the next frame."""
    (found,) = json.loads(await client.recv()).items()
    kind: str = found[0]
    body: dict[str, str] = found[1]
    return kind, body


async def subscribe(client: ClientConnection, session_id: str) -> None:
    await client.send(json.dumps({"subscribe": {"sessionId": session_id}}))
    assert (await frame(client))[0] == "snapshot"
    assert (await frame(client))[0] == "subscribed"


async def close_code(client: ClientConnection) -> int | None:
    """Reads to the end; the code with which the server closed."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await client.recv()
    return client.close_code


class TestSessions:
    async def test_one_connection_watches_several(self, hub: Hub, server: Server) -> None:
        async with connect(server.url) as client:
            assert (await frame(client))[0] == "hello"
            await subscribe(client, "a")
            await subscribe(client, "b")
            await hub.publish("a", "Said", StringValue(value="one"))
            await hub.publish("c", "Said", StringValue(value="two"))
            await hub.publish("b", "Said", StringValue(value="three"))
            heard = [await frame(client) for _ in range(2)]
            assert sorted(body["sessionId"] for _, body in heard) == ["a", "b"]

    async def test_no_compression_is_negotiated(self, server: Server) -> None:
        async with connect(server.url, compression="deflate") as client:
            assert client.response is not None
            assert "Sec-WebSocket-Extensions" not in client.response.headers


class TestFramesBelowOurs:
    async def test_a_message_above_the_limit_closes_with_1009(self, server: Server) -> None:
        async with connect(server.url) as client:
            await client.send(" " * (64 * 1024 + 1))
            assert await close_code(client) == 1009

    async def test_a_message_of_the_limit_is_read(self, server: Server) -> None:
        async with connect(server.url) as client:
            await client.recv()
            await client.send('{"ping":{}}'.ljust(64 * 1024))
            assert await frame(client) == ("pong", {})

    async def test_text_that_is_no_utf8_closes_with_1007(self, server: Server) -> None:
        async with connect(server.url) as client:
            await client.send(b"\xff\xfe", text=True)
            assert await close_code(client) == 1007

    async def test_a_binary_message_is_a_bad_frame_and_the_connection_stays(
        self, server: Server
    ) -> None:
        async with connect(server.url) as client:
            await client.recv()
            await client.send(b'{"ping":{}}')
            assert (await frame(client))[1]["code"] == "bad_client_frame"
            await client.send('{"ping":{}}')
            assert await frame(client) == ("pong", {})


class TestOrigins:
    async def test_a_page_of_the_same_host_and_port_may_connect(self, server: Server) -> None:
        origin = Origin(f"http://127.0.0.1:{server.port}")
        async with connect(server.url, origin=origin) as client:
            assert (await frame(client))[0] == "hello"

    @pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
    async def test_any_other_page_is_refused_with_403_and_told_why(
        self, server: Server, origin: str
    ) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await connect(server.url, origin=Origin(origin))
        assert caught.value.response.status_code == 403
        assert b"This origin may not connect" in caught.value.response.body

    async def test_a_page_on_the_list_may_connect(self, hub: Hub) -> None:
        async with (
            serve(hub, origins=["https://app.example"]) as server,
            connect(server.url, origin=Origin("https://app.example")) as client,
        ):
            assert (await frame(client))[0] == "hello"


class TestPaths:
    async def test_the_socket_answers_at_its_path_only(self, server: Server) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await connect(server.url + "x")
        assert caught.value.response.status_code == 404

    async def test_a_page_is_no_socket(self, server: Server) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{server.port}/")
        assert caught.value.response.status_code == 404

    async def test_a_query_does_not_count(self, server: Server) -> None:
        async with connect(server.url + "?token=x") as client:
            assert (await frame(client))[0] == "hello"

    async def test_another_path_can_be_chosen(self, hub: Hub) -> None:
        async with serve(hub, path="/live") as server, connect(server.url) as client:
            assert server.url.endswith("/live")
            assert (await frame(client))[0] == "hello"


class TestHandshakes:
    async def test_headers_that_occur_twice_are_refused_without_a_traceback(
        self, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        request = (
            "GET /ws HTTP/1.1\r\nHost: a\r\nHost: b\r\nOrigin: http://a\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(request.encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 403 ")
        writer.close()
        assert "Traceback" not in caplog.text


class TestPages:
    async def test_a_page_is_served_on_the_same_port(self, server: Server) -> None:
        async with httpx.AsyncClient(base_url=server.url.replace("ws:", "http:")) as http:
            page = await http.get("../?a=b")
            assert (page.status_code, page.text) == (200, "<h1>café</h1>")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            health = await http.get("../healthz")
            assert (health.status_code, health.text) == (200, "ok")

    async def test_head_gives_the_headers_only(self, server: Server) -> None:
        async with httpx.AsyncClient() as http:
            page = await http.head(f"http://127.0.0.1:{server.port}/")
            assert (page.status_code, page.content) == (200, b"")
            assert page.headers["content-length"] == str(len(PAGES["/"].body))

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/nothing", 404),
            ("HEAD", "/nothing", 404),
            ("POST", "/", 405),
            ("GET", "/ws", 426),
        ],
    )
    async def test_anything_else_is_refused_in_plain_text(
        self, server: Server, method: str, path: str, status: int
    ) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.request(method, f"http://127.0.0.1:{server.port}{path}")
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("text/plain")

    async def test_without_pages_there_is_only_the_socket(self, hub: Hub) -> None:
        async with serve(hub) as server, httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{server.port}/")).status_code == 404


class TestDisconnecting:
    async def test_during_a_load_cancels_that_load_and_nothing_else(self) -> None:
        source = MemorySource()
        source.block("left")
        source.block("stayed")
        async with serve(source) as server, connect(server.url) as staying:
            await staying.recv()
            async with connect(server.url) as leaving:
                await staying.send('{"subscribe":{"sessionId":"stayed"}}')
                await leaving.send('{"subscribe":{"sessionId":"left"}}')
                await source.loading("stayed")
                await source.loading("left")
            await source.loading("left", count=0)
            source.release("stayed")
            assert (await frame(staying))[0] == "snapshot"
            assert source.cancelled == ["left"]

    async def test_without_a_close_frame_empties_the_rooms_too(
        self, hub: Hub, server: Server
    ) -> None:
        client = await connect(server.url)
        await client.recv()
        await subscribe(client, "s")
        assert server.rooms.watched() == {"s"}
        client.transport.abort()
        await server.rooms.deserted()
        assert server.rooms.watched() == set()
        await hub.publish("s", "Said", StringValue(value="into the void"))


class TestShutdown:
    async def test_leaving_closes_with_1001_and_leaves_no_task_behind(self, hub: Hub) -> None:
        source = MemorySource()
        source.block("loading")
        before = asyncio.all_tasks()
        async with serve(source) as server:
            clients = [await connect(server.url) for _ in range(3)]
            for client in clients:
                await client.recv()
                await subscribe(client, "s")
                await client.send('{"subscribe":{"sessionId":"loading"}}')
            await source.loading("loading")
            ends = [asyncio.create_task(close_code(client)) for client in clients]
        assert [await end for end in ends] == [1001, 1001, 1001]
        for client in clients:
            await client.wait_closed()
        # A task that stayed would make this wait for ever.
        await asyncio.gather(*(asyncio.all_tasks() - before))
        assert source.feeds == []

    async def test_a_client_that_does_not_read_delays_it_by_the_close_timeout_only(self) -> None:
        source = MemorySource()
        settings = TransportSettings(close_timeout=0.05, max_queued_bytes=2**30)
        async with serve(source, settings=settings) as server:
            client = await connect(server.url)
            await client.recv()
            await subscribe(client, "s")
            large = StringValue(value="x" * 10_000_000)
            await source.publish("s", 1, large)
        assert server.rooms.watched() == set()
        client.transport.abort()

    async def test_the_port_is_free_again(self, hub: Hub) -> None:
        async with serve(hub) as server:
            port = server.port
        async with serve(hub, port=port) as again, connect(again.url) as client:
            assert (await frame(client))[0] == "hello"

    async def test_a_port_that_is_taken_is_an_error_and_leaves_the_hub_alone(self) -> None:
        source = MemorySource()
        async with serve(source) as server:
            with pytest.raises(OSError, match="address already in use"):
                async with serve(source, port=server.port):
                    pass
            assert source.feeds == [server.rooms]


class TestMemory:
    async def test_an_idle_connection_keeps_no_headers(self, hub: Hub) -> None:
        """They are a good part of what it takes."""
        connections: list[ServerConnection] = []

        class Noted(BoundedConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                connections.append(self)
                super().connection_made(transport)

        async with Rooms(hub) as rooms:
            handler = WebSocketHandler(rooms)
            async with (
                serve_websockets(
                    handler,
                    "127.0.0.1",
                    0,
                    process_request=handler.process_request,
                    create_connection=Noted,
                ) as server,
                connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws") as client,
            ):
                assert (await frame(client))[0] == "hello"
                [found] = connections
                assert found.request is not None
                assert not found.request.headers
                assert found.response is not None
                assert not found.response.headers


class TestMounting:
    async def test_a_handler_runs_in_a_server_of_ones_own(self, hub: Hub) -> None:
        async with Rooms(hub) as rooms:
            handler = WebSocketHandler(rooms, path="/live")
            async with serve_websockets(
                handler,
                "127.0.0.1",
                0,
                process_request=handler.process_request,
                create_connection=BoundedConnection,
            ) as server:
                port = server.sockets[0].getsockname()[1]
                async with connect(f"ws://127.0.0.1:{port}/live") as client:
                    assert (await frame(client))[0] == "hello"
                    await subscribe(client, "s")
                    await hub.publish("s", "Said", StringValue(value="one"))
                    assert (await frame(client))[0] == "uiEvent"
