"""The server's end of the connections of a client: what a case says and hears on them."""

from __future__ import annotations

import asyncio
from typing import Final

from sessionstream.client import ClientSettings
from sessionstream.client.wire import Closed
from sessionstream.v1 import transport_pb2 as pb
from tests.conformance.matching import Placeholders, Tree, read_of_client, without_zeros, written

# A client answers a ping in order with all that it sends: what came before has been seen to.
_BARRIER: Final = "everything before this was read"


class _Wire:
    """One connection: a `Wire` for the client."""

    def __init__(self) -> None:
        self.to_client: asyncio.Queue[str | bytes | Closed] = asyncio.Queue()
        self.to_server: asyncio.Queue[str | bytes] = asyncio.Queue()
        self.is_closed = asyncio.Event()

    async def receive(self) -> str | bytes | Closed:
        return await self.to_client.get()

    async def send(self, data: str | bytes) -> None:
        self.to_server.put_nowait(data)

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self.end(1006)

    def end(self, code: int) -> None:
        self.is_closed.set()
        self.to_client.put_nowait(Closed(code, ""))


class ServerEnd:
    """Takes one connection after the other; frames are those of a case."""

    def __init__(self, *, is_text: bool) -> None:
        self._is_text = is_text
        self._placeholders = Placeholders()
        self._dialled: asyncio.Queue[_Wire] = asyncio.Queue()
        self._heard: list[Tree] = []

    async def dial(self, url: str, token: str | None, settings: ClientSettings) -> _Wire:
        """Opens a connection; a `Dial`, which needs none of what it is given."""
        wire = _Wire()
        self._dialled.put_nowait(wire)
        return wire

    async def accept(self) -> None:
        """Waits for the client's next connection."""
        self._wire = await self._dialled.get()

    async def left(self) -> None:
        """Returns when the client has ended the connection."""
        await self._wire.is_closed.wait()

    def end(self, code: int) -> None:
        """Ends the connection."""
        self._wire.end(code)

    def say(self, frame: Tree) -> None:
        """Sends a frame of the server."""
        concrete = self._placeholders.concrete(frame)
        message = written(concrete, is_text=self._is_text, as_type=pb.ServerFrame)
        self._wire.to_client.put_nowait(message)

    async def hear(self, expected: Tree) -> None:
        """Takes the client's next frame, which has to be that one."""
        await self._settle()
        got = self._heard.pop(0) if self._heard else await self._next()
        matches = self._placeholders.matches(without_zeros(expected), got)
        assert matches, f"expected {self._placeholders.filled(expected)}; got {got}"

    async def hear_nothing(self) -> None:
        """Returns when the client has seen to all that was said, and has said nothing else."""
        await self._settle()
        assert not self._heard, f"expected no frame; got {self._heard}"

    async def _settle(self) -> None:
        if self._wire.is_closed.is_set():
            return
        self.say({"ping": {"nonce": _BARRIER}})
        while (got := await self._next()) != {"pong": {"nonce": _BARRIER}}:
            self._heard.append(got)

    async def _next(self) -> Tree:
        return read_of_client(await self._wire.to_server.get())
