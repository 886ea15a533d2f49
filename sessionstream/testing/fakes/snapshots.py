"""A source of snapshots that a test steers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from google.protobuf.message import Message

from sessionstream.fanout import UIFanout
from sessionstream.observer import Observer, Observers
from sessionstream.types import Snapshot, TimelineEntity, UIEvent


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
