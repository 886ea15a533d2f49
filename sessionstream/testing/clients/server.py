"""A Hub's transport without a network, for scripted clients."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Generic, Self, TypeVar

from google.protobuf.message import Message

from sessionstream.closing import AsyncClosing
from sessionstream.hub import Hub
from sessionstream.testing.clients.client import ScriptedClient
from sessionstream.testing.clients.received import Reader
from sessionstream.testing.clients.wire import Connection, MemoryWire
from sessionstream.testing.comparing.awaiting import Calls
from sessionstream.testing.comparing.comparison import Comparison
from sessionstream.testing.scenarios.stage import PATIENCE
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V1_JSON, Dialect
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import TimelineEntity, UIEvent

__tracebackhide__ = True  # pytest shows the line of the test instead

U = TypeVar("U", bound=UIEvent[Message])
T = TypeVar("T", bound=TimelineEntity[Message])


class MemoryServer(AsyncClosing, Generic[U, T]):
    """Serves a Hub to scripted clients: all of the server but the sockets.

    The type parameters are the unions of UI events and entities of the
    generated module. A `Scenario` has a server; a Hub of your own takes one::

        async with MemoryServer[ChatUIEvent, ChatEntity](hub) as server:
            page = await server.connect()
            await page.subscribe("session-1")
            await page.expect_nothing()

    Args:
        hub: What it serves.
        settings: As for `Rooms`.
        comparison: What placeholders stand for already; a scenario's server shares its.
        calls: Takes note of the clients' calls; shared likewise.
        patience: Seconds that a client waits for something before it fails.
    """

    def __init__(
        self,
        hub: Hub,
        settings: TransportSettings | None = None,
        *,
        comparison: Comparison | None = None,
        calls: Calls | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._calls = Calls() if calls is None else calls
        self._is_alone = calls is None
        self._hub = hub
        self._comparison = Comparison() if comparison is None else comparison
        self._reader: Reader[U, T] = Reader(hub.registry)
        self._rooms = Rooms(hub, settings)
        # Ended by the rooms when they close, awaited by `aclose`.
        self._serving: list[asyncio.Task[None]] = []
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # Before the rooms: it has to know a UI event's class when a client reads it.
        self._hub.add_fanout(self._reader)
        self._open.callback(self._hub.remove_fanout, self._reader)
        await self._open.enter_async_context(self._rooms)
        return self

    async def aclose(self) -> None:
        """Disconnects the clients and ends the server; may be called twice."""
        await self._open.aclose()
        await asyncio.gather(*self._serving)
        if self._is_alone and (forgotten := self._calls.forgotten()):
            raise AssertionError(forgotten)

    async def connect(self, dialect: Dialect = V1_JSON) -> ScriptedClient[U, T]:
        """Returns a client that was greeted; it speaks one of the JSON dialects.

        Raises:
            AssertionError: The server closed the connection instead.
            RuntimeError: The server was not entered.
        """
        wire = MemoryWire()
        serving = asyncio.get_running_loop().create_task(
            self._rooms.handle(wire, Admission(dialect=dialect))
        )
        client: ScriptedClient[U, T] = ScriptedClient(
            Connection(wire, serving), self._reader, self._comparison, self._calls, self._patience
        )
        self._serving.append(serving)
        await client.expect_hello()
        return client
