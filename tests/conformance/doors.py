"""The ways into a server: its core in memory, `websockets`, and ASGI under uvicorn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol, TypeAlias

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.access import Access, ConnectionRequest
from sessionstream.transport.asgi import WebSocketApp
from sessionstream.transport.dialects import DIALECTS
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.source import SessionSource
from sessionstream.transport.ws import serve

Message: TypeAlias = str | bytes


class Talk(Protocol):
    """One connection, from the client's side."""

    async def say(self, message: Message) -> None:
        """Sends a message."""

    async def hear(self) -> Message:
        """Returns the next message."""

    async def closed(self) -> int:
        """Returns the code with which the server closes."""

    async def leave(self) -> None:
        """Ends the connection."""

    def stall(self) -> None:
        """Takes nothing more of what the server sends."""


class Served(Protocol):
    """A server that runs."""

    @property
    def rooms(self) -> Rooms:
        """Its rooms."""

    async def connect(self, subprotocol: str | None) -> Talk:
        """Connects a client."""

    async def shut_down(self) -> None:
        """Ends the server as a program does that is told to."""


Door: TypeAlias = Callable[
    [SessionSource, TransportSettings, Access], AbstractAsyncContextManager[Served]
]


class _MemoryTalk:
    def __init__(self, wire: MemoryWire, *, is_text: bool) -> None:
        self._wire = wire
        self._is_text = is_text

    async def say(self, message: Message) -> None:
        self._wire.say(message)

    async def hear(self) -> Message:
        return await (self._wire.hear() if self._is_text else self._wire.hear_binary())

    async def closed(self) -> int:
        return (await self._wire.closed()).code

    async def leave(self) -> None:
        self._wire.hang_up()

    def stall(self) -> None:
        self._wire.stop_reading()


class _InMemory:
    def __init__(self, rooms: Rooms, group: asyncio.TaskGroup) -> None:
        self.rooms = rooms
        self._group = group

    async def connect(self, subprotocol: str | None) -> Talk:
        [dialect] = [each for each in DIALECTS if each.subprotocol == subprotocol]
        admission = await self.rooms.admit(ConnectionRequest(path="/ws"), dialect)
        assert admission is not None
        wire = MemoryWire()
        self._group.create_task(self.rooms.handle(wire, admission))
        return _MemoryTalk(wire, is_text=dialect.is_text)

    async def shut_down(self) -> None:
        await self.rooms.aclose()


@asynccontextmanager
async def in_memory(
    hub: SessionSource, settings: TransportSettings, access: Access
) -> AsyncIterator[Served]:
    async with asyncio.TaskGroup() as group, Rooms(hub, settings, access=access) as rooms:
        yield _InMemory(rooms, group)


class _SocketTalk:
    def __init__(self, client: ClientConnection) -> None:
        self._client = client

    async def say(self, message: Message) -> None:
        await self._client.send(message)

    async def hear(self) -> Message:
        return await self._client.recv()

    async def closed(self) -> int:
        with suppress(ConnectionClosed):
            raise AssertionError(f"expected the end; got {await self._client.recv()!r}")
        return self._client.close_code or 0

    async def leave(self) -> None:
        await self._client.close()

    def stall(self) -> None:
        self._client.transport.pause_reading()


class _OverSockets:
    def __init__(self, url: str, rooms: Rooms) -> None:
        self._url = url
        self.rooms = rooms

    async def connect(self, subprotocol: str | None) -> Talk:
        names = None if subprotocol is None else [Subprotocol(subprotocol)]
        client = await connect(self._url, subprotocols=names, max_size=None)
        assert client.subprotocol == subprotocol
        return _SocketTalk(client)

    async def shut_down(self) -> None:
        await self.rooms.aclose()


@asynccontextmanager
async def websockets(
    hub: SessionSource, settings: TransportSettings, access: Access
) -> AsyncIterator[Served]:
    async with serve(hub, settings=settings, access=access) as server:
        yield _OverSockets(server.url, server.rooms)


@asynccontextmanager
async def asgi(
    hub: SessionSource, settings: TransportSettings, access: Access
) -> AsyncIterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}/ws"
    async with Rooms(hub, settings, access=access) as rooms:
        config = uvicorn.Config(
            WebSocketApp(rooms),
            ws="websockets-sansio",
            ws_max_size=settings.max_frame_bytes,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield _OverSockets(url, rooms)
        finally:
            await rooms.aclose()
            server.should_exit = True
            await serving
            listener.close()


DOORS: dict[str, Door] = {"memory": in_memory, "websockets": websockets, "asgi": asgi}
