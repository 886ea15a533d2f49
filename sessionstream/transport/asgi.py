"""The WebSocket as an ASGI 3 application, for Starlette, FastAPI and the like."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias, cast

from sessionstream.arguments import check_type
from sessionstream.transport import origins as origin_rule
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.dialects import negotiated
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.rooms import Rooms

Scope: TypeAlias = Mapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
Send: TypeAlias = Callable[[dict[str, object]], Awaitable[None]]

logger = logging.getLogger("sessionstream.transport")

_Headers: TypeAlias = list[tuple[bytes, bytes]]


class WebSocketApp:
    """Serves the connections that an ASGI server accepts.

        async with Rooms(hub) as rooms:
            app = Starlette(routes=[WebSocketRoute("/ws", WebSocketApp(rooms))])

    Keepalive pings, compression and the handshake are the server's affair. For
    uvicorn, ``ws_per_message_deflate=False`` saves the time that compressing
    small frames takes, ``ws_max_size=rooms.settings.max_frame_bytes`` keeps it
    from taking in a frame that is refused afterwards, and
    ``timeout_graceful_shutdown`` keeps a client that does not read from holding
    up the shutdown.

    When it is told to end, uvicorn closes every WebSocket with code 1012 before
    it tells the application. To let clients see what running commands still do,
    run it as `uvicorn_server.UvicornServer`; for another server, close the Hub,
    then the rooms, when it is told to end.

    ASGI has no way to cut a connection. When a client takes no close frame
    either, its tasks and queues here end after ``close_timeout`` and the rest is
    the server's. uvicorn waits for the last bytes to be taken, so it keeps the
    socket and its buffers for as long as such a client stays. On Linux the
    kernel ends that if the listening socket says so:
    ``listener.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds)``.
    """

    def __init__(self, rooms: Rooms, *, origins: Collection[str] = ()) -> None:
        check_type("rooms", rooms, Rooms)
        self._rooms = rooms
        self._origins = origin_rule.origins_of(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection until it is closed.

        Raises:
            ValueError: The scope is neither ``websocket`` nor ``http``.
        """
        if scope["type"] == "http":
            await _refuse(send)
        elif scope["type"] == "websocket":
            await self._serve(scope, receive, send)
        else:
            raise ValueError(f"this is a WebSocket; an ASGI scope {scope['type']!r} has no use")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        if not self._is_allowed(scope):
            logger.info("a connection was refused: its origin may not connect")
            # Before accept the server makes this HTTP 403, with a text of its own.
            await send({"type": "websocket.close", "code": 1008, "reason": "origin refused"})
            return
        dialect = negotiated(cast(list[str], scope.get("subprotocols", [])))
        admission = await self._rooms.admit(connection_request(scope), dialect)
        if admission is None:
            await _deny(scope, send)
            return
        accept: dict[str, object] = {"type": "websocket.accept"}
        if dialect.subprotocol is not None:
            accept["subprotocol"] = dialect.subprotocol
        await send(accept)
        await self._rooms.handle(_ASGIWire(receive, send), admission)

    def _is_allowed(self, scope: Scope) -> bool:
        headers = cast(_Headers, scope["headers"])
        return origin_rule.is_allowed(
            _values(headers, b"origin"), _values(headers, b"host"), self._origins
        )


def connection_request(scope: Scope) -> ConnectionRequest:
    """Returns what an ASGI scope tells of a client."""
    headers: dict[str, list[str]] = {}
    for name, value in cast(_Headers, scope["headers"]):
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    client = cast(tuple[str, int] | None, scope.get("client"))
    return ConnectionRequest(
        path=cast(str, scope.get("path", "/")),
        query=cast(bytes, scope.get("query_string", b"")).decode("latin-1"),
        headers=headers,
        remote=client[0] if client else "",
    )


def _values(headers: _Headers, name: bytes) -> list[str]:
    # The names are lower case: the specification says so.
    return [value.decode("latin-1") for key, value in headers if key == name]


async def _refuse(send: Send) -> None:
    body = b"This is a WebSocket; connect to it with one.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"upgrade", b"websocket"),
    ]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _deny(scope: Scope, send: Send) -> None:
    extensions = cast(Mapping[str, object] | None, scope.get("extensions")) or {}
    if "websocket.http.response" not in extensions:
        # Before accept the server makes this HTTP 403.
        await send({"type": "websocket.close", "code": 1008, "reason": "not authenticated"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"Not authenticated.\n"})


class _ASGIWire:
    """The two callables of an accepted WebSocket as a `Wire`."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._is_open = True

    async def receive(self) -> str | bytes | None:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._is_open = False
            return None
        text = cast(str | None, message.get("text"))
        return text if text is not None else cast(bytes, message["bytes"])

    async def send(self, frames: Encoded) -> None:
        kind = "text" if frames.is_text else "bytes"
        for message in frames.messages:
            await self._pass({"type": "websocket.send", kind: message})

    def send_now(self, frames: Encoded) -> bool:
        return False  # ASGI has no way to

    def unsent(self) -> int:
        return 0  # ASGI does not tell

    async def close(self, code: int, reason: str) -> None:
        if self._is_open:
            self._is_open = False
            await self._pass({"type": "websocket.close", "code": int(code), "reason": reason})

    def abort(self) -> None:
        """Does nothing: see `WebSocketApp`."""

    async def _pass(self, message: dict[str, object]) -> None:
        try:
            await self._send(message)
        except RuntimeError as error:
            # What uvicorn makes of a message after it has closed by itself,
            # for instance because of a frame that is too large.
            raise ConnectionResetError("the connection is closed") from error
