"""The WebSocket server: `websockets` as the wire, and a page on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TypeAlias

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from sessionstream import lifecycle
from sessionstream.transport import origins as origin_rule
from sessionstream.transport.connection import SnapshotSource
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings


@dataclass(frozen=True, slots=True)
class Page:
    """What is served for an HTTP path."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"


Pages: TypeAlias = Callable[[str], Page | None]
"""Gives the page of a path, without its query; None for 404. It must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that is listening. ``port`` is the real one, also where 0 was asked for."""

    host: str
    port: int
    path: str
    rooms: Rooms
    hub: SnapshotSource
    # Closes the listening socket and no connection; may be called twice.
    stop_listening: Callable[[], None] = field(repr=False)

    @property
    def url(self) -> str:
        """The address to connect to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{self.port}{self.path}"

    async def until_signalled(self) -> None:
        """Waits for SIGTERM or SIGINT, then finishes; leave the server's block next.

        This is all that a program needs::

            async with Hub(registry, store=store) as hub, serve(hub, port=8080) as server:
                await server.until_signalled()

        It is finished when nobody can connect any more and the Hub is closed:
        commands get the Hub's ``drain_seconds`` and are then cancelled. Clients
        that are connected see what comes of it, and leaving says goodbye to
        them. A second signal ends the process at once. Only in the main thread.
        """
        await lifecycle.until_signalled()
        await self.drain()

    async def drain(self) -> None:
        """Takes no connections any more and closes the Hub; clients stay until the block is left.

        May be called twice.
        """
        self.stop_listening()
        await self.hub.aclose()


@asynccontextmanager
async def serve(
    hub: SnapshotSource,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    path: str = "/ws",
    origins: Collection[str] = (),
    settings: TransportSettings | None = None,
    pages: Pages | None = None,
) -> AsyncIterator[Server]:
    """Serves a Hub to WebSocket clients while the context is entered.

    Leaving closes every connection with code 1001 and leaves no task behind.
    It takes up to ``close_timeout`` where a client does not answer, as long
    again where it does not read, and up to ``open_timeout`` where one has not
    finished its handshake.

    Args:
        hub: The Hub.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        path: Where the socket answers; any other path is refused with 404.
        origins: Origins of pages, such as ``https://app.example``, that may
            connect besides those of the same host and port.
        settings: Limits and deadlines.
        pages: A page and a health check on the same port, by path.

    Raises:
        OSError: The address can't be listened on.
    """
    async with Rooms(hub, settings) as rooms:
        handler = WebSocketHandler(rooms, path=path, origins=origins, pages=pages)
        listener = await serve_websockets(
            handler,
            host,
            port,
            process_request=handler.process_request,
            create_connection=BoundedConnection,
            compression=None,
            max_size=rooms.settings.max_frame_bytes,
            open_timeout=rooms.settings.open_timeout,
            close_timeout=rooms.settings.close_timeout,
            ping_interval=rooms.settings.ping_interval,
            ping_timeout=rooms.settings.ping_timeout,
        )
        try:
            yield Server(
                host=host,
                port=listener.sockets[0].getsockname()[1],
                path=path,
                rooms=rooms,
                hub=hub,
                stop_listening=partial(listener.close, close_connections=False),
            )
        finally:
            # The rooms close the connections, with a deadline: the library's
            # own close waits for a client that does not read.
            listener.close(close_connections=False)
            await rooms.aclose()
            await listener.wait_closed()


class BoundedConnection(ServerConnection):
    """A connection of the library that owes no client an endless number of pongs.

    The library answers pings of the WebSocket protocol as they come in, also
    while its write buffer is full. A client that sends pings and reads nothing
    is cut off here, before it fills the memory.
    """

    _MAX_OWED = 64 * 1024
    _owed = 0

    def data_received(self, data: bytes) -> None:
        """Takes what the network brings."""
        before = self.transport.get_write_buffer_size()
        super().data_received(data)
        growth = self.transport.get_write_buffer_size() - before
        self._owed = self._owed + growth if self.paused else 0
        if self._owed > self._MAX_OWED:
            _cut(self.transport)


class WebSocketHandler:
    """A connection handler to mount into a `websockets` server of one's own.

    ``websockets.asyncio.server.serve(handler, …,
    process_request=handler.process_request,
    create_connection=BoundedConnection, compression=None)``
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        path: str = "/ws",
        origins: Collection[str] = (),
        pages: Pages | None = None,
    ) -> None:
        self._rooms = rooms
        self._path = path
        self._origins = frozenset(origins)
        self._pages = pages

    async def __call__(self, connection: ServerConnection) -> None:
        """Serves a connection until it is closed."""
        await self._rooms.handle(_WebSocketsWire(connection))

    def process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Lets a handshake pass, or answers the HTTP request."""
        path = request.path.partition("?")[0]
        upgrades = request.headers.get_all("Upgrade")
        is_upgrade = any("websocket" in each.lower() for each in upgrades)
        if path == self._path:
            if is_upgrade and not self._is_allowed(request):
                return connection.respond(HTTPStatus.FORBIDDEN, origin_rule.REFUSAL)
            return None  # the library refuses what is no handshake, with 426
        page = None if is_upgrade or self._pages is None else self._pages(path)
        if page is None:
            text = f"Nothing here. The WebSocket is at {self._path}.\n"
            return connection.respond(HTTPStatus.NOT_FOUND, text)
        return _respond(connection, request, page)

    def _is_allowed(self, request: Request) -> bool:
        headers = request.headers
        return origin_rule.is_allowed(
            headers.get_all("Origin"), headers.get_all("Host"), self._origins
        )


def _respond(connection: ServerConnection, request: Request, page: Page) -> Response:
    if request.method not in ("GET", "HEAD"):
        response = connection.respond(HTTPStatus.METHOD_NOT_ALLOWED, "Use GET.\n")
        response.headers["Allow"] = "GET, HEAD"
        return response
    headers = Headers(
        {
            "Connection": "close",
            "Content-Length": str(len(page.body)),
            "Content-Type": page.content_type,
            "X-Content-Type-Options": "nosniff",
        }
    )
    return Response(200, "OK", headers, page.body if request.method == "GET" else b"")


class _WebSocketsWire:
    """A connection of the library as a `Wire`."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes | None:
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def send(self, data: str) -> None:
        try:
            await self._connection.send(data)
        except ConnectionClosed as error:
            raise ConnectionResetError("the connection is closed") from error

    def unsent(self) -> int:
        return self._connection.transport.get_write_buffer_size()

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)

    def abort(self) -> None:
        _cut(self._connection.transport)


def _cut(transport: asyncio.Transport) -> None:
    # Otherwise the kernel would keep what is unsent, which may be megabytes,
    # and go on offering it to the client.
    with contextlib.suppress(OSError):  # the socket may be closed already
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
