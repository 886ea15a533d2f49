"""A TCP proxy that does to connections what networks do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto

_CHUNK = 16 * 1024


class Way(Enum):
    """A direction."""

    TO_SERVER = auto()
    TO_CLIENT = auto()


class Link:
    """One connection through the proxy. A fault lasts until it is unset."""

    def __init__(self) -> None:
        self.delay = 0.0
        self._writers: list[asyncio.StreamWriter] = []
        self._flowing = {way: asyncio.Event() for way in Way}
        self._left: dict[Way, int | None] = dict.fromkeys(Way)
        for each in self._flowing.values():
            each.set()

    def cut(self) -> None:
        """Ends the connection on both sides, at once; what is on its way is lost."""
        for writer in self._writers:
            writer.transport.abort()

    def stall(self, *ways: Way) -> None:
        """Lets nothing through; with one way only, the connection is half-open."""
        for way in ways or Way:
            self._flowing[way].clear()

    def go_on(self) -> None:
        """Ends `stall`."""
        for each in self._flowing.values():
            each.set()

    def truncate(self, way: Way, after: int) -> None:
        """Lets so many bytes more through, then cuts: mostly in the middle of a frame."""
        self._left[way] = after

    async def carry(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carries bytes one way until the connection ends."""
        self._writers.append(writer)
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing[way].wait()
                left = self._left[way]
                if left is not None and len(data) >= left:
                    writer.write(data[:left])
                    await writer.drain()
                    break
                if left is not None:
                    self._left[way] = left - len(data)
                writer.write(data)
                await writer.drain()
        writer.close()
        if self._left[way] is not None:
            self.cut()


class FaultProxy:
    """Listens on ``port`` and carries connections to a server, which may change.

    Attributes:
        port: Where clients connect.
        target: The port of the server on this host; None refuses connections.
        links: The connections that are open.
    """

    def __init__(self, target: int | None = None) -> None:
        self.port = 0
        self.target = target
        self.links: set[Link] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[FaultProxy]:
        """Serves while the context is entered; leaving cuts every connection."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for link in tuple(self.links):
                link.go_on()
                link.cut()
            while self.links:  # noqa: ASYNC110 a moment, at the end of a test
                await asyncio.sleep(0.001)

    def disturb(self, dice: random.Random) -> None:
        """Does one random thing to one random connection."""
        if not self.links:
            return
        link = dice.choice(sorted(self.links, key=id))
        way = dice.choice(list(Way))
        match dice.randrange(4):
            case 0:
                link.cut()
            case 1:
                link.truncate(way, dice.randrange(200))
            case 2:
                link.delay = dice.random() * 0.005
            case _:
                link.stall(way)
                asyncio.get_running_loop().call_later(0.05, link.go_on)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link()
        self.links.add(link)
        try:
            if self.target is None:
                raise ConnectionRefusedError
            beyond, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(link.carry(Way.TO_SERVER, reader, to_server))
                group.create_task(link.carry(Way.TO_CLIENT, beyond, writer))
        finally:
            self.links.discard(link)
