"""A connection of `websockets` as a wire."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from sessionstream.transport.encoded import Encoded

# How many bytes the network may still have to take before frames have to wait in the queue of
# their connection: enough to go on while others are served, and little beside that queue.
_MAX_UNSENT: Final = 16 * 1024


class WebSocketsWire:
    """Sends frames by the library, or past it where nothing is in the way.

    The library makes a frame anew for each connection. What goes to many is
    made once and written to the transport as it is; the connection is open
    and nothing else is being sent then.
    """

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._protocol = connection.protocol
        self._transport = connection.transport

    async def receive(self) -> str | bytes | None:
        """Returns the next message; None once the connection is closed."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def send(self, frames: Encoded) -> None:
        """Sends the frames."""
        try:
            for payload in frames.payloads:
                await self._connection.send(payload, text=frames.is_text)
        except ConnectionClosed as error:
            raise ConnectionResetError("the connection is closed") from error

    def send_now(self, frames: Encoded) -> bool:
        """Writes the frames where the network has taken most of what came before."""
        if (
            self._protocol.state is not State.OPEN
            or self._transport.get_write_buffer_size() > _MAX_UNSENT
            or self._transport.is_closing()
        ):
            return False
        self._transport.write(frames.raw)
        return True

    def unsent(self) -> int:
        """How many bytes the network still has to take."""
        return self._transport.get_write_buffer_size()

    async def close(self, code: int, reason: str) -> None:
        """Closes the connection."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Cuts the connection."""
        cut(self._transport)


def cut(transport: asyncio.Transport) -> None:
    """Ends a connection at once.

    Otherwise the kernel would keep what is unsent, which may be megabytes, and
    go on offering it to the client.
    """
    with contextlib.suppress(OSError):  # the socket may be closed already
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
