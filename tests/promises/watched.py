"""A Hub with clients over wires in memory; test_resume_machine.py has the rules."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis.stateful import RuleBasedStateMachine

from sessionstream import (
    Event,
    EventType,
    Hub,
    Retention,
    SchemaRegistry,
    Session,
    TimelineEntity,
    TimelineView,
    UIEvent,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.promises.watcher import Watcher

T = TypeVar("T")

SESSION = "s"
# Small, so that queues overflow and histories end.
SETTINGS = TransportSettings(
    max_queued_frames=8,
    max_sent_frame_bytes=300,
    max_replayed_batches=12,
    position_interval=0.01,
    drain_seconds=0.0,
    close_timeout=0.05,
)
RETENTION = Retention(ui_batches=12)
PATIENCE = 5.0
# Of the event loop, after a commit.
TURNS = 60


def registry() -> SchemaRegistry:
    made = SchemaRegistry()
    made.register_event("Said", StringValue)
    made.add(EventType("Blinked", StringValue, ephemeral=True))
    made.register_ui_event("Shown", StringValue)
    made.register_timeline_entity("Line", StringValue)
    return made


def show(event: Event[Message], session: Session, view: TimelineView) -> Iterable[UIEvent[Message]]:
    value = _value(event)
    if event.name == "Blinked":
        return [UIEvent(name="Shown", payload=StringValue(value="blink"))]
    changes = value.startswith("-") or "=" in value
    return [UIEvent(name="Shown", payload=StringValue(value=value)) for _ in range(2 * changes)]


def keep(
    event: Event[Message], session: Session, view: TimelineView
) -> Iterable[TimelineEntity[Message]]:
    value = _value(event)
    if value.startswith("-"):
        yield TimelineEntity(kind="Line", id=value[1:], tombstone=True)
    elif "=" in value:
        line_id = value.partition("=")[0]
        yield TimelineEntity(kind="Line", id=line_id, payload=StringValue(value=value))


def _value(event: Event[Message]) -> str:
    assert isinstance(event.payload, StringValue)
    return event.payload.value


@dataclass
class Client:
    """A watcher and the connection that it has now, if any."""

    watcher: Watcher
    wire: MemoryWire | None = None

    def read(self, most: int) -> None:
        """Takes some of what has arrived."""
        if self.wire is None:
            return
        for text in self.wire.heard(most):
            assert isinstance(text, str)
            self.watcher.take(text)


class WatchedHub(RuleBasedStateMachine):
    """Opens a server, ends it, connects clients, and waits until they show what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.opened = AsyncExitStack()
        self.serving: list[asyncio.Task[None]] = []
        self.stuck: list[MemoryWire] = []
        self.texts = 0
        self.said = 0  # since the session began
        self.files = 0
        self.clients = [Client(Watcher(SESSION)) for _ in range(3)]
        self.run(self.open())
        self.run(self.connect_all())

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        return self.runner.run(coroutine)

    async def open(self) -> None:
        """Starts a server over the file of now."""
        names = registry()
        path = self.folder / f"{self.files}.db"
        opening = SQLiteStore.open(path, names, durability="normal", retention=RETENTION)
        store = await self.opened.enter_async_context(opening)
        self.hub = await self.opened.enter_async_context(Hub(names, store=store, cache_bytes=0))
        self.hub.register_ui_projection(show)
        self.hub.register_timeline_projection(keep)
        self.rooms = await self.opened.enter_async_context(Rooms(self.hub, SETTINGS))

    async def end(self) -> None:
        """Ends the server; every connection is gone."""
        await self.opened.aclose()
        await asyncio.gather(*self.serving)
        self.serving.clear()
        for client in self.clients:
            client.wire = None

    def is_long(self) -> bool:
        """Whether so much was said that it is worth while to lose it."""
        return self.said > 30

    async def connect_all(self) -> None:
        """Gives a connection to every client that has none."""
        for client in self.clients:
            if client.wire is None:
                await self.connect(client)

    async def say(self, *values: str) -> None:
        """Publishes, and gives the server time to send it; how much of it goes is not known."""
        self.said += len(values)
        await self.hub.publish_all(SESSION, [("Said", StringValue(value=each)) for each in values])
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def connect(self, client: Client) -> None:
        """Gives the client a new connection; what it had is left as it is."""
        client.wire = MemoryWire()
        handling = self.rooms.handle(client.wire, Admission(dialect=V2_JSON))
        self.serving.append(asyncio.get_running_loop().create_task(handling))
        client.wire.say(client.watcher.subscribe())

    async def show_all(self) -> None:
        """Returns once every client shows the session as it is."""
        await self.connect_all()
        for client in self.clients:
            assert client.wire is not None
            client.wire.go_on_reading()
        snapshot = await self.hub.snapshot(SESSION)
        lines = {each.id: _line(each) for each in snapshot.entities}
        epoch = (await self.hub.position(SESSION)).epoch
        for client in self.clients:
            await self._show(client, lines, epoch, snapshot.snapshot_ordinal)

    async def _show(self, client: Client, lines: dict[str, str], epoch: str, head: int) -> None:
        watcher, wire = client.watcher, client.wire
        assert wire is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while not (watcher.is_live and watcher.epoch == epoch and watcher.ordinal >= head):
                    watcher.take(await wire.hear())
        except TimeoutError:
            raise AssertionError(f"{watcher} does not come to {head} of {epoch}") from None
        assert watcher.lines == lines
        assert watcher.ordinal == head

    def teardown(self) -> None:
        try:
            self.run(self.show_all())
        finally:
            self.run(self._leave_nothing())
            self.runner.close()
            shutil.rmtree(self.folder)

    async def _leave_nothing(self) -> None:
        await self.end()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left


def _line(entity: TimelineEntity[Message]) -> str:
    assert isinstance(entity.payload, StringValue)
    return entity.payload.value.partition("=")[2]
