"""WebSocket connections as the client uses them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.typing import Subprotocol

from sessionstream.client.errors import ConnectError
from sessionstream.client.settings import ClientSettings
from sessionstream.client.urls import problem_of_url
from sessionstream.quiet_logging import WithoutDebug

_websocket_logger = WithoutDebug(logging.getLogger("sessionstream.client.websocket"))


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection has ended. ``code`` is that of the server's close, 1006 where there was none."""

    code: int
    reason: str


class Wire(Protocol):
    """An open WebSocket to a server."""

    async def receive(self) -> str | bytes | Closed:
        """Returns the next message, a text as str; `Closed` once the connection has ended."""

    async def send(self, data: str | bytes) -> None:
        """Sends a message; returns when more can be taken. Drops it where the wire is closed."""

    async def close(self) -> None:
        """Closes the connection within a limited time; may be called twice."""

    def abort(self) -> None:
        """Cuts the connection now."""


class Refused(Exception):  # noqa: N818 a verdict, not always an error
    """The server refused the handshake with this HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Dial(Protocol):
    """Opens connections."""

    def __call__(self, url: str, token: str | None, settings: ClientSettings) -> Awaitable[Wire]:
        """Returns an open connection that speaks ``settings.dialect``.

        Raises:
            Refused: The server refused the handshake.
            OSError: It can't be reached, which includes `TimeoutError`; or what
                answers is no WebSocket.
            ConnectError: There is no use in trying again.
        """


async def dial(url: str, token: str | None, settings: ClientSettings) -> Wire:
    """Opens a WebSocket; a `Dial`. The token goes into ``Authorization: Bearer``."""
    problem = problem_of_url(url)
    if problem is not None:
        raise ConnectError(url, problem)
    wanted = settings.dialect.value
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        connection = await connect_websocket(
            url,
            subprotocols=[Subprotocol(wanted)],
            additional_headers=headers,
            compression=None,
            max_size=settings.max_frame_bytes,
            open_timeout=settings.open_timeout,
            close_timeout=settings.close_timeout,
            # The protocol has a heartbeat of its own, which goes through proxies.
            ping_interval=None,
            logger=_websocket_logger,
        )
    except InvalidStatus as error:
        raise Refused(error.response.status_code) from error
    except (InvalidURI, InvalidProxy, ImportError) as error:  # a SOCKS proxy needs a package
        raise ConnectError(url, str(error)) from error
    except (WebSocketException, ValueError) as error:
        raise ConnectionError(str(error)) from error
    if connection.subprotocol != wanted:
        connection.transport.abort()
        raise ConnectError(url, f"the server does not speak {wanted}")
    return _WebSocket(connection)


class _WebSocket:
    """A connection of the library as a `Wire`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes | Closed:
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            close = error.rcvd
            return Closed(1006, "") if close is None else Closed(close.code, close.reason)

    async def send(self, data: str | bytes) -> None:
        with suppress(ConnectionClosed):
            await self._connection.send(data)

    async def close(self) -> None:
        try:
            await self._connection.close()
        except asyncio.CancelledError:
            self.abort()
            raise

    def abort(self) -> None:
        self._connection.transport.abort()
