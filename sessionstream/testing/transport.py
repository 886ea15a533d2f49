"""A WebSocket without a network, and a source of snapshots that a test steers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.fanout import UIFanout
from sessionstream.observer import Observer, Observers
from sessionstream.types import Snapshot, TimelineEntity, UIEvent


@dataclass(frozen=True, slots=True)
class WireClosed:
    """How the server closed."""

    code: int
    reason: str


class MemoryWire:
    """A `Wire`, with the client's end of it beside the server's."""

    def __init__(self) -> None:
        self._to_server: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._to_client: asyncio.Queue[str] = asyncio.Queue()
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

    async def send(self, data: str) -> None:
        """Hands the message to the client; waits while the client does not read."""
        await self._reading.wait()
        if self._is_lost:
            raise ConnectionResetError("the client has gone")
        self._to_client.put_nowait(data)

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
        """Returns the server's next message; waits for it."""
        return await self._to_client.get()

    def heard(self) -> list[str]:
        """Returns what has arrived and was not heard yet."""
        return [self._to_client.get_nowait() for _ in range(self._to_client.qsize())]

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


class MemorySnapshots:
    """What the transport needs of a Hub, without one.

    A session is empty at ordinal 0 until `set`. `block` makes its next loads
    wait until `release`; `fail` makes them raise.
    """

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self.observers = Observers(observers)
        self.cancelled: list[str] = []
        self.fanouts: list[UIFanout] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._errors: dict[str, Exception] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._running: defaultdict[str, int] = defaultdict(int)
        self._changed = asyncio.Condition()

    def set(
        self, session_id: str, ordinal: int, entities: Iterable[TimelineEntity[Message]] = ()
    ) -> None:
        """Sets what a load that ends from now on gives."""
        self._snapshots[session_id] = Snapshot(
            session_id=session_id, snapshot_ordinal=ordinal, entities=tuple(entities)
        )

    def fail(self, session_id: str, error: Exception) -> None:
        """Makes loads of the session raise."""
        self._errors[session_id] = error

    def block(self, session_id: str) -> None:
        """Makes loads of the session wait."""
        self._gates[session_id] = asyncio.Event()

    def release(self, session_id: str) -> None:
        """Lets the loads of the session end."""
        self._gates.pop(session_id).set()

    async def loading(self, session_id: str, count: int = 1) -> None:
        """Returns when ``count`` loads of the session are running."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._running[session_id] == count)

    async def snapshot(self, session_id: str) -> Snapshot:
        """Loads a snapshot."""
        await self._count(session_id, 1)
        try:
            gate = self._gates.get(session_id)
            if gate is not None:
                await gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(session_id)
            raise
        finally:
            await self._count(session_id, -1)
        if session_id in self._errors:
            raise self._errors[session_id]
        empty = Snapshot(session_id=session_id, snapshot_ordinal=0, entities=())
        return self._snapshots.get(session_id, empty)

    def add_fanout(self, fanout: UIFanout) -> None:
        """Adds a fan-out for `publish`."""
        self.fanouts.append(fanout)

    def remove_fanout(self, fanout: UIFanout) -> None:
        """Removes it."""
        self.fanouts.remove(fanout)

    async def aclose(self) -> None:
        """Does nothing: nobody works here."""

    async def publish(self, session_id: str, ordinal: int, *payloads: Message) -> None:
        """Hands UI events named after their payload's type to every fan-out."""
        events = [UIEvent(name=payload.DESCRIPTOR.name, payload=payload) for payload in payloads]
        for fanout in self.fanouts:
            await fanout.publish_ui(session_id, ordinal, events)

    async def _count(self, session_id: str, change: int) -> None:
        async with self._changed:
            self._running[session_id] += change
            self._changed.notify_all()
