"""The WebSocket server: `websockets` as the wire, and a page on the same port."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from sessionstream import lifecycle
from sessionstream.arguments import check_callable, check_type
from sessionstream.quiet_logging import WithoutDebug
from sessionstream.transport import origins as origin_rule
from sessionstream.transport.access import Access, ConnectionRequest
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import negotiated, offers
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.source import SessionSource
from sessionstream.transport.websockets_wire import WebSocketsWire, cut

_websocket_logger = WithoutDebug(logging.getLogger("sessionstream.transport.websocket"))


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
    hub: SessionSource
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
    hub: SessionSource,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    path: str = "/ws",
    origins: Collection[str] = (),
    settings: TransportSettings | None = None,
    access: Access | None = None,
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
        access: Who may do what; everybody may do everything without.
        pages: A page and a health check on the same port, by path.

    Raises:
        OSError: The address can't be listened on.
        TypeError: An argument is of another type.
        ValueError: The path does not begin with a slash, or an origin is none.
    """
    async with Rooms(hub, settings, access=access) as rooms:
        handler = WebSocketHandler(rooms, path=path, origins=origins, pages=pages)
        listener = await serve_websockets(
            handler,
            host,
            port,
            process_request=handler.process_request,
            select_subprotocol=handler.select_subprotocol,
            create_connection=BoundedConnection,
            compression=None,
            max_size=rooms.settings.max_frame_bytes,
            open_timeout=rooms.settings.open_timeout,
            close_timeout=rooms.settings.close_timeout,
            ping_interval=rooms.settings.ping_interval,
            ping_timeout=rooms.settings.ping_timeout,
            logger=_websocket_logger,
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
    is cut off here, before it fills the memory: with no code, since no close
    frame would reach it, and with no setting, since one that reads owes nothing.
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
            cut(self.transport)


class WebSocketHandler:
    """A connection handler to mount into a `websockets` server of one's own.

    ``websockets.asyncio.server.serve(handler, …,
    process_request=handler.process_request,
    select_subprotocol=handler.select_subprotocol,
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
        check_type("path", path, str)
        if not path.startswith("/"):
            raise ValueError(f"a path begins with a slash; got {path!r}")
        if pages is not None:
            check_callable("pages", pages)
        self._rooms = rooms
        self._path = path
        self._origins = origin_rule.origins_of(origins)
        self._pages = pages
        # Of connections whose handshake is going on.
        self._admissions: WeakKeyDictionary[ServerConnection, Admission] = WeakKeyDictionary()

    async def __call__(self, connection: ServerConnection) -> None:
        """Serves a connection until it is closed."""
        admission = self._admissions.pop(connection, None)
        if admission is None:
            raise RuntimeError("give the server process_request=handler.process_request")
        agreed = negotiated(filter(None, [connection.subprotocol]))
        _forget_headers(connection)
        await self._rooms.handle(WebSocketsWire(connection), replace(admission, dialect=agreed))

    def select_subprotocol(
        self, _: ServerConnection, offered: Sequence[Subprotocol]
    ) -> Subprotocol | None:
        """Returns the subprotocol of version 2 that is used, of those that a client offers."""
        name = negotiated(offered).subprotocol
        return None if name is None else Subprotocol(name)

    async def process_request(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        """Lets a handshake pass, or answers the HTTP request."""
        path = request.path.partition("?")[0]
        upgrades = request.headers.get_all("Upgrade")
        is_upgrade = any("websocket" in each.lower() for each in upgrades)
        if path == self._path:
            if is_upgrade and not self._is_allowed(request):
                return connection.respond(HTTPStatus.FORBIDDEN, origin_rule.REFUSAL)
            # The library refuses what is no handshake, with 426.
            return await self._admit(connection, request) if is_upgrade else None
        page = None if is_upgrade or self._pages is None else self._pages(path)
        if page is None:
            text = f"Nothing here. The WebSocket is at {self._path}.\n"
            return connection.respond(HTTPStatus.NOT_FOUND, text)
        return _respond(connection, request, page)

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        dialect = negotiated(offers(request.headers.get_all("Sec-WebSocket-Protocol")))
        admission = await self._rooms.admit(_connection_request(connection, request), dialect)
        if admission is None:
            return connection.respond(HTTPStatus.UNAUTHORIZED, "Not authenticated.\n")
        self._admissions[connection] = admission
        return None

    def _is_allowed(self, request: Request) -> bool:
        headers = request.headers
        return origin_rule.is_allowed(
            headers.get_all("Origin"), headers.get_all("Host"), self._origins
        )


def _forget_headers(connection: ServerConnection) -> None:
    # Nobody asks for them after the handshake, and they are a good part of an idle connection.
    for said in (connection.request, connection.response):
        if said is not None:
            said.headers.clear()


def _connection_request(connection: ServerConnection, request: Request) -> ConnectionRequest:
    path, _, query = request.path.partition("?")
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.raw_items():
        headers.setdefault(name.lower(), []).append(value)
    remote = connection.remote_address
    return ConnectionRequest(
        path=unquote(path),
        query=query,
        headers=headers,
        remote=str(remote[0]) if isinstance(remote, tuple) else "",
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
