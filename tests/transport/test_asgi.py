"""The WebSocket as an ASGI application: in memory, then under a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest
import uvicorn
from google.protobuf.wrappers_pb2 import StringValue
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from sessionstream.hub import Hub
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings


class Driver:
    """The server's side of ASGI: what it would send and receive, in queues."""

    def __init__(self, app: WebSocketApp, **headers: str) -> None:
        scope = {
            "type": "websocket",
            "path": "/ws",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self._to_app: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.say({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(scope, self._to_app.get, self._from_app.put))

    def say(self, message: Mapping[str, object]) -> None:
        self._to_app.put_nowait(message)

    def text(self, text: str) -> None:
        self.say({"type": "websocket.receive", "text": text})

    async def hear(self) -> dict[str, object]:
        return await self._from_app.get()

    async def frame(self) -> dict[str, dict[str, str]]:
        message = await self.hear()
        assert message["type"] == "websocket.send"
        assert isinstance(message["text"], str)
        frame: dict[str, dict[str, str]] = json.loads(message["text"])
        return frame

    async def open(self) -> None:
        assert await self.hear() == {"type": "websocket.accept"}
        assert "hello" in await self.frame()

    async def hang_up(self) -> None:
        self.say({"type": "websocket.disconnect", "code": 1001})
        await self.task


class TestAConversation:
    async def test_frames_go_in_and_out_until_the_client_leaves(self) -> None:
        source = MemorySource()
        async with Rooms(source) as rooms:
            client = Driver(WebSocketApp(rooms))
            await client.open()
            client.text('{"subscribe":{"sessionId":"s"}}')
            assert await client.frame() == {"snapshot": {"sessionId": "s"}}
            assert await client.frame() == {"subscribed": {"sessionId": "s"}}
            await source.publish("s", 1, StringValue(value="one"))
            assert (await client.frame())["uiEvent"]["eventOrdinal"] == "1"
            await client.hang_up()
            assert rooms.watched() == set()

    @pytest.mark.parametrize(
        "message", [{"bytes": b"{}"}, {"bytes": b"", "text": None}, {"text": "", "bytes": None}]
    )
    async def test_binary_and_empty_messages_are_bad_frames(
        self, message: dict[str, object]
    ) -> None:
        async with Rooms(MemorySource()) as rooms:
            client = Driver(WebSocketApp(rooms))
            await client.open()
            client.say({"type": "websocket.receive", **message})
            assert (await client.frame())["error"]["code"] == "bad_client_frame"
            await client.hang_up()

    async def test_a_frame_above_the_limit_closes_with_1009(self) -> None:
        async with Rooms(MemorySource(), TransportSettings(max_frame_bytes=10)) as rooms:
            client = Driver(WebSocketApp(rooms))
            await client.open()
            client.text('{"ping":{}}')
            assert await client.hear() == {
                "type": "websocket.close",
                "code": 1009,
                "reason": "a frame is at most 10 bytes",
            }
            await client.task

    async def test_leaving_the_rooms_closes_with_1001(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            client = Driver(WebSocketApp(rooms))
            await client.open()
        assert (await client.hear())["code"] == 1001
        await client.task

    async def test_a_client_that_leaves_before_it_is_accepted_is_nobody(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            app = WebSocketApp(rooms)

            async def receive() -> Mapping[str, object]:
                return {"type": "websocket.disconnect", "code": 1006}

            async def send(message: dict[str, object]) -> None:
                raise AssertionError(message)

            await app({"type": "websocket", "headers": []}, receive, send)


class TestAnEndThatTheServerMakes:
    async def test_a_send_after_it_is_no_failure(self, caplog: pytest.LogCaptureFixture) -> None:
        """Uvicorn raises this when it has closed by itself, for a frame that is too large."""
        to_app: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        to_app.put_nowait({"type": "websocket.connect"})

        async def send(message: dict[str, object]) -> None:
            if message["type"] != "websocket.accept":
                raise RuntimeError("Unexpected ASGI message")

        async with Rooms(MemorySource()) as rooms:
            await WebSocketApp(rooms)({"type": "websocket", "headers": []}, to_app.get, send)
        assert "Traceback" not in caplog.text

    async def test_a_server_that_takes_nothing_any_more_is_left(self) -> None:
        settings = TransportSettings(progress_timeout=0.01, close_timeout=0.01)
        to_app: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        to_app.put_nowait({"type": "websocket.connect"})

        async def send(message: dict[str, object]) -> None:
            if message["type"] != "websocket.accept":
                await asyncio.Event().wait()

        async with Rooms(MemorySource(), settings) as rooms:
            await WebSocketApp(rooms)({"type": "websocket", "headers": []}, to_app.get, send)


class TestOrigins:
    async def test_a_foreign_page_is_refused_before_it_is_accepted(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            client = Driver(
                WebSocketApp(rooms), origin="http://evil.example", host="localhost:8080"
            )
            assert (await client.hear())["type"] == "websocket.close"
            await client.task

    @pytest.mark.parametrize("origin", ["http://localhost:8080", "https://app.example"])
    async def test_a_page_of_the_same_host_or_on_the_list_may_connect(self, origin: str) -> None:
        async with Rooms(MemorySource()) as rooms:
            app = WebSocketApp(rooms, origins=["https://app.example"])
            client = Driver(app, origin=origin, host="localhost:8080")
            await client.open()
            await client.hang_up()


class TestOtherScopes:
    async def test_plain_http_is_told_to_upgrade(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            sent: asyncio.Queue[dict[str, object]] = asyncio.Queue()
            empty: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
            await WebSocketApp(rooms)({"type": "http", "headers": []}, empty.get, sent.put)
            assert (await sent.get())["status"] == 426
            assert (await sent.get())["type"] == "http.response.body"

    async def test_any_other_scope_is_a_mistake_of_the_application(self) -> None:
        async with Rooms(MemorySource()) as rooms:
            sent: asyncio.Queue[dict[str, object]] = asyncio.Queue()
            empty: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
            with pytest.raises(ValueError, match="an ASGI scope 'lifespan' has no use"):
                await WebSocketApp(rooms)({"type": "lifespan"}, empty.get, sent.put)


class TestUnderUvicorn:
    async def test_starlette_mounts_it(self, hub: Hub) -> None:
        async with Rooms(hub) as rooms:
            app = Starlette(routes=[WebSocketRoute("/ws", WebSocketApp(rooms))])
            async with asyncio.TaskGroup() as group:
                # uvicorn's default is the deprecated part of websockets up to 0.49.
                config = uvicorn.Config(
                    app, port=0, ws="websockets-sansio", lifespan="off", log_config=None
                )
                server = _Announced(config)
                group.create_task(server.serve())
                await server.listening.wait()
                url = f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ws"
                await self._talk(url, hub)
                server.should_exit = True

    async def _talk(self, url: str, hub: Hub) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await connect(url, origin=Origin("http://evil.example"))
        assert caught.value.response.status_code == 403
        async with connect(url, origin=Origin(url.replace("ws:", "http:")[:-3])) as client:
            assert "hello" in json.loads(await client.recv())
            await client.send('{"subscribe":{"sessionId":"s"}}')
            assert "snapshot" in json.loads(await client.recv())
            assert "subscribed" in json.loads(await client.recv())
            await hub.publish("s", "Said", StringValue(value="one"))
            assert "uiEvent" in json.loads(await client.recv())
            await client.send(" " * 70_000)
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1009


class _Announced(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        self.listening.set()
