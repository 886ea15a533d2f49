"""A WebSocket without a network: both ends of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sessionstream.transport.encoded import Encoded


@dataclass(frozen=True, slots=True)
class WireClosed:
    """How the server closed."""

    code: int
    reason: str


class MemoryWire:
    """A `Wire`, with the client's end of it beside the server's."""

    def __init__(self) -> None:
        self._to_server: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._to_client: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._closed: asyncio.Future[WireClosed] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.Event()
        self._reading.set()
        self._closable = asyncio.Event()
        self._closable.set()
        self._is_lost = False
        self._cut = asyncio.Event()

    # -- the server's end ----------------------------------------------------

    async def receive(self) -> str | bytes | None:
        """Returns the client's next message, or None when it has gone."""
        return await self._to_server.get()

    async def send(self, frames: Encoded) -> None:
        """Hands the messages to the client; waits while the client does not read."""
        await self._reading.wait()
        if self._is_lost:
            raise ConnectionResetError("the client has gone")
        for message in frames.messages:
            self._to_client.put_nowait(message)

    def send_now(self, frames: Encoded) -> bool:
        """Hands the messages to the client if it reads."""
        if self._is_lost or not self._reading.is_set():
            return False
        for message in frames.messages:
            self._to_client.put_nowait(message)
        return True

    async def close(self, code: int, reason: str) -> None:
        """Closes; waits for ever while the client is stuck."""
        await self._closable.wait()
        if not self._closed.done():
            self._closed.set_result(WireClosed(int(code), reason))
            self._to_server.put_nowait(None)

    def unsent(self) -> int:
        """Returns 0: there is no network."""
        return 0

    def abort(self) -> None:
        """Cuts the connection off."""
        self._is_lost = True
        self._cut.set()

    # -- the client's end ----------------------------------------------------

    def say(self, *messages: str | bytes) -> None:
        """Sends messages to the server."""
        for message in messages:
            self._to_server.put_nowait(message)

    def unread(self) -> int:
        """Returns how many of them the server has not taken."""
        return self._to_server.qsize()

    async def hear(self) -> str:
        """Returns the server's next message, a text; waits for it."""
        message = await self._to_client.get()
        assert isinstance(message, str), "the message is binary: see hear_binary"
        return message

    async def hear_binary(self) -> bytes:
        """Returns the server's next message, a binary one; waits for it."""
        message = await self._to_client.get()
        assert isinstance(message, bytes), "the message is a text: see hear"
        return message

    def heard(self, most: int | None = None) -> list[str | bytes]:
        """Returns what has arrived and was not heard yet, or the first of it."""
        there = self._to_client.qsize()
        count = there if most is None else min(most, there)
        return [self._to_client.get_nowait() for _ in range(count)]

    def stop_reading(self) -> None:
        """Makes every `send` of the server wait, as a full network buffer does."""
        self._reading.clear()

    def go_on_reading(self) -> None:
        """Ends `stop_reading`."""
        self._reading.set()

    def get_stuck(self) -> None:
        """Makes every `send` and `close` of the server wait for ever."""
        self._reading.clear()
        self._closable.clear()

    def hang_up(self) -> None:
        """Ends the connection from the client's side."""
        self._is_lost = True
        self._reading.set()
        self._to_server.put_nowait(None)

    async def closed(self) -> WireClosed:
        """Returns how the server closed; waits for it."""
        return await asyncio.shield(self._closed)

    async def cut(self) -> None:
        """Returns when the server has cut the connection off."""
        await self._cut.wait()


@dataclass(frozen=True, slots=True)
class Connection:
    """A wire, and the task that serves it."""

    wire: MemoryWire
    serving: asyncio.Task[None]
