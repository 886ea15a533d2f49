"""What an adapter implements."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sessionstream.transport.actions import Close
from sessionstream.transport.encoded import Encoded


class Wire(Protocol):
    """An open connection. An adapter implements it and only moves data."""

    async def receive(self) -> str | bytes | None:
        """Returns the next message, a text as str; None once the connection is closed."""

    async def send(self, frames: Encoded) -> None:
        """Sends the frames, one message each; returns when more can be taken.

        Raises:
            OSError: The connection is closed.
        """

    def send_now(self, frames: Encoded) -> bool:
        """Sends the frames if the network takes them at once, as far as that can be told.

        False, and nothing is sent, where it can't; then `send` is called.
        """

    def unsent(self) -> int:
        """How many bytes the network still has to take; 0 where nobody can tell."""

    async def close(self, code: int, reason: str) -> None:
        """Closes the connection. Does nothing when it is closed already."""

    def abort(self) -> None:
        """Cuts the connection now and drops what is unsent, where that can be done.

        Called when `close` took too long. Does nothing when it is closed already.
        """


async def close_within(wire: Wire, end: Close, seconds: float) -> bool:
    """Closes the connection, and cuts it where that takes longer; whether it was closed."""
    try:
        async with asyncio.timeout(seconds):
            await wire.close(end.code, end.reason)
    except (TimeoutError, OSError):
        wire.abort()  # a client that does not read takes no close frame either
        return False
    return True
