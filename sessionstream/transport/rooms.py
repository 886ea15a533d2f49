"""Who watches which session: the fan-out behind every WebSocket server."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from google.protobuf.message import Message

from sessionstream.closing import AsyncClosing
from sessionstream.transport import frames
from sessionstream.transport.connection import Connection, SnapshotSource, Wire
from sessionstream.transport.frames import CloseCode, UIBatch
from sessionstream.transport.settings import TransportSettings
from sessionstream.types import UIEvent

logger = logging.getLogger("sessionstream.transport")


class Rooms(AsyncClosing):
    """A `UIFanout` that serves connections and hands them UI events.

    Enter it to add it to the Hub; leaving removes it, closes every connection
    with code 1001 and returns when their tasks have ended. To let clients see
    what the Hub still finishes, close the Hub first.
    """

    def __init__(self, source: SnapshotSource, settings: TransportSettings | None = None) -> None:
        self.settings = TransportSettings() if settings is None else settings
        self._source = source
        # Guarded by the event loop: changed only by methods that do not suspend.
        self._entered = False
        self._open = False
        self._members: dict[str, dict[Connection, None]] = {}
        self._connections: set[Connection] = set()
        self._served = 0  # of these, those that were not refused
        self._frames_at_once = 0
        self._bytes_at_once = 0
        self._deserted = asyncio.Event()
        self._deserted.set()

    async def __aenter__(self) -> Self:
        self._source.add_fanout(self)
        self._entered = self._open = True
        return self

    async def aclose(self) -> None:
        """Closes every connection with code 1001 and waits for them; may be called twice.

        Clients first get what is queued for them, as far as they take it
        within ``close_timeout``; a connection that comes meanwhile is closed at once.
        """
        if self._open:
            self._open = False
            self._source.remove_fanout(self)
            await self._let_clients_take_what_waits()
        for connection in tuple(self._connections):
            connection.stop(CloseCode.GOING_AWAY, "the server shuts down")
        await self.deserted()

    async def _let_clients_take_what_waits(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.settings.close_timeout):
                for connection in tuple(self._connections):
                    await connection.sent()

    async def deserted(self) -> None:
        """Returns when there is no connection."""
        await self._deserted.wait()

    def watched(self) -> set[str]:
        """Returns the sessions that somebody watches."""
        return set(self._members)

    def queued_bytes(self) -> int:
        """Returns how many bytes wait for all clients together."""
        return sum(connection.queued_bytes for connection in self._connections)

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Queues the UI events for every subscriber and waits for none of them."""
        members = self._members.get(session_id)
        if not members:
            return
        batch = frames.encode_batch(session_id, ordinal, events)
        for connection in tuple(members):  # one that is too slow leaves meanwhile
            connection.deliver(batch)
        await self._let_writers_write(batch)

    async def _let_writers_write(self, batch: UIBatch) -> None:
        """Gives every writer a turn before what came since the last one fills a queue.

        A commit, or a projection that catches up, can give more at once than a
        queue holds: without a turn a client that reads would seem too slow.
        """
        self._frames_at_once += len(batch.frames)
        self._bytes_at_once += batch.size
        if (
            self._frames_at_once * 2 > self.settings.max_queued_frames
            or self._bytes_at_once * 2 > self.settings.max_queued_bytes
        ):
            self._frames_at_once = self._bytes_at_once = 0
            await asyncio.sleep(0)

    async def handle(self, wire: Wire) -> None:
        """Serves a client on an accepted WebSocket until it is closed.

        After `aclose` it closes at once with code 1001, and with code 1013 when
        as many clients as may be are served already.

        Raises:
            RuntimeError: The rooms were never entered with ``async with``.
        """
        if not self._entered:
            raise RuntimeError("enter the rooms first: async with Rooms(hub) as rooms")
        connection = Connection(secrets.token_hex(8), wire, self._source, self, self.settings)
        is_served = self._admits(connection)
        self._served += is_served
        self._connections.add(connection)
        self._deserted.clear()
        try:
            await connection.run()
        finally:
            self._served -= is_served
            self._connections.discard(connection)
            if not self._connections:
                self._deserted.set()

    def _admits(self, connection: Connection) -> bool:
        limit = self.settings.max_connections
        if not self._open:
            connection.stop(CloseCode.GOING_AWAY, "the server shuts down")
        elif limit is not None and self._served >= limit:
            logger.warning("a connection was refused: %d clients are served already", limit)
            connection.stop(CloseCode.TRY_AGAIN_LATER, "too many connections")
        else:
            return True
        return False

    def join(self, session_id: str, member: Connection) -> None:
        """Makes ``member`` receive the session's batches; may be repeated."""
        self._members.setdefault(session_id, {})[member] = None

    def leave(self, session_id: str, member: Connection) -> None:
        """Ends that; does nothing where there is nothing to end."""
        members = self._members.get(session_id)
        if members is not None:
            members.pop(member, None)
            if not members:
                del self._members[session_id]
