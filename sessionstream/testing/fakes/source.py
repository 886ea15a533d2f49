"""A Hub that a test steers, as connections see one."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from google.protobuf.message import Message

from sessionstream.accepted import Ending
from sessionstream.hydration.base import CommandRecord, CommandStatus
from sessionstream.observer import Observer, Observers
from sessionstream.schema import SchemaRegistry
from sessionstream.transport.source import History, Opened, Receipt, UIFeed, Verdict
from sessionstream.types import Position, Snapshot, TimelineEntity, UIBatch, UIEvent


@dataclass
class _Session:
    epoch: str = "e1"
    snapshot: Snapshot | None = None
    head: int = 0
    shown: int = 0
    kept: list[UIBatch] = field(default_factory=list)


class MemorySource:
    """What the transport needs of a Hub, without one.

    A session is empty at ordinal 0 until `set`, or until UI events are given
    to `publish`. `block` makes its next loads wait until `release`; `fail`
    makes them raise. Every command is completed at once; `receipts` has what
    another is answered with.
    """

    def __init__(
        self, observers: Iterable[Observer] = (), registry: SchemaRegistry | None = None
    ) -> None:
        self.observers = Observers(observers)
        self.registry = SchemaRegistry() if registry is None else registry
        self.cancelled: list[str] = []
        self.feeds: list[UIFeed] = []
        self.loads: defaultdict[str, int] = defaultdict(int)
        self.accepted: list[tuple[str, str, Message, str, int | None]] = []
        self.principals: list[str] = []
        self.receipts: dict[str, Receipt | Exception] = {}
        self._sessions: defaultdict[str, _Session] = defaultdict(_Session)
        self._errors: dict[str, Exception] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._running: defaultdict[str, int] = defaultdict(int)
        self._changed = asyncio.Condition()

    # -- what a test does ----------------------------------------------------------

    def set(
        self, session_id: str, ordinal: int, entities: Iterable[TimelineEntity[Message]] = ()
    ) -> None:
        """Sets the timeline that a load which ends from now on gives."""
        session = self._sessions[session_id]
        session.head = max(session.head, ordinal)
        session.snapshot = Snapshot(
            session_id=session_id, snapshot_ordinal=ordinal, entities=tuple(entities)
        )

    def forget_history(self, session_id: str, up_to: int) -> None:
        """Keeps no UI events any more up to an ordinal."""
        session = self._sessions[session_id]
        session.kept = [each for each in session.kept if each.ordinal > up_to]

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

    def batch(self, session_id: str, ordinal: int, *payloads: Message) -> UIBatch:
        """Takes an event with UI events named after their payload's type; hands it to nobody."""
        session = self._sessions[session_id]
        batch = UIBatch(
            session_id=session_id,
            epoch=session.epoch,
            ordinal=ordinal,
            previous_ordinal=session.shown,
            events=tuple(UIEvent(name=each.DESCRIPTOR.name, payload=each) for each in payloads),
        )
        if ordinal:
            session.kept.append(batch)
            session.shown = ordinal
            session.head = max(session.head, ordinal)
        return batch

    async def publish(self, session_id: str, ordinal: int, *payloads: Message) -> None:
        """Takes an event as `batch` does, and hands its UI events to every feed."""
        batch = self.batch(session_id, ordinal, *payloads)
        for feed in self.feeds:
            rest = feed.deliver(batch)
            if rest is not None:
                await rest

    async def begin_anew(self, session_id: str, epoch: str) -> None:
        """Makes the session an empty one of another epoch, and says so."""
        self._sessions[session_id] = _Session(epoch=epoch)
        for feed in self.feeds:
            feed.reset(session_id)

    # -- what connections do ---------------------------------------------------------

    def add_feed(self, feed: UIFeed) -> None:
        """Adds a feed for `publish`."""
        self.feeds.append(feed)

    def remove_feed(self, feed: UIFeed) -> None:
        """Removes it."""
        self.feeds.remove(feed)

    async def opened(self, session_id: str) -> Opened:
        """Loads a timeline; it is that of the moment when it ends."""
        await self._load(session_id)
        session = self._sessions[session_id]
        snapshot = session.snapshot
        if snapshot is None:
            snapshot = Snapshot(session_id=session_id, snapshot_ordinal=session.head, entities=())
        return Opened(snapshot=snapshot, position=self._position(session_id))

    async def position(self, session_id: str) -> Position:
        """Loads a position."""
        await self._load(session_id)
        return self._position(session_id)

    async def history(self, session_id: str, after: int, limit: int = 256) -> History:
        """Loads UI events."""
        await self._load(session_id)
        session = self._sessions[session_id]
        batches = tuple(each for each in session.kept if each.ordinal > after)[:limit]
        reaches = batches[0].previous_ordinal <= after if batches else session.shown <= after
        position = self._position(session_id)
        return History(position=position, batches=batches, reaches_back=reaches)

    async def accept(
        self,
        session_id: str,
        name: str,
        payload: Message,
        *,
        command_id: str,
        expected_ordinal: int | None = None,
        principal: str = "",
    ) -> Receipt:
        """Takes a command and runs nothing; ``principals`` has who gave each."""
        self.principals.append(principal)
        self.accepted.append((session_id, name, payload, command_id, expected_ordinal))
        found = self.receipts.get(command_id)
        if isinstance(found, Exception):
            raise found
        return found or Receipt(
            verdict=Verdict.ACCEPTED, head=0, outcome=Ending(_completed(name, command_id))
        )

    async def aclose(self) -> None:
        """Does nothing: nobody works here."""

    def _position(self, session_id: str) -> Position:
        session = self._sessions[session_id]
        return Position(epoch=session.epoch, head=session.head, shown=session.shown)

    async def _load(self, session_id: str) -> None:
        self.loads[session_id] += 1
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

    async def _count(self, session_id: str, change: int) -> None:
        async with self._changed:
            self._running[session_id] += change
            self._changed.notify_all()


def _completed(name: str, command_id: str) -> asyncio.Future[CommandRecord]:
    end: asyncio.Future[CommandRecord] = asyncio.get_running_loop().create_future()
    end.set_result(
        CommandRecord(
            command_id=command_id,
            name=name,
            status=CommandStatus.COMPLETED,
            ordinal=0,
            at=time.time(),
        )
    )
    return end
