"""P4 and P5: whatever happens in whatever order, every client ends with what the session is.

Operations come from hypothesis; the server, its network and the clients are
in one event loop, so that a failure comes again.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessionstream import Hub
from sessionstream.hydration.base import Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.wire import app
from tests.wire.mirror import Mirror

CLIENTS = 3
SESSION = "s"
# Small, so that a few events are beyond them.
LIMITS = TransportSettings(
    max_queued_frames=4,
    max_sent_frame_bytes=300,
    max_replayed_batches=8,
    close_timeout=0.01,
    progress_timeout=3600,
    drain_seconds=0,
)
# How many turns of the event loop are enough for anything that goes on by itself.
TURNS = 4000


@dataclass(slots=True)
class Client:
    """A client, and the connection that it has at the time."""

    mirror: Mirror = field(default_factory=lambda: Mirror(SESSION))
    wire: MemoryWire | None = None

    def read(self, most: int | None = None) -> None:
        """Takes what has arrived; the rest of it never comes to the client."""
        if self.wire is None:
            return
        for message in self.wire.heard()[:most]:
            frame = json.loads(message)
            assert "error" not in frame, frame
            self.mirror.take(frame)


class World:
    """A server that can end and begin anew, and its clients."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._published = 0
        self.store = self._new_store()
        self.clients = [Client() for _ in range(CLIENTS)]

    async def start(self) -> None:
        names = app.registry()
        self.hub = await Hub(names, store=self.store).__aenter__()
        app.install(self.hub)
        self.rooms = await Rooms(self.hub, LIMITS).__aenter__()

    async def stop(self) -> None:
        for client in self.clients:
            self.cut(client, 0)
        await self.rooms.aclose()
        await self.hub.aclose()

    def _new_store(self) -> MemoryStore:
        return MemoryStore(retention=Retention(ui_batches=6), clock=lambda: 0.0)

    # -- what may happen -----------------------------------------------------------

    async def publish(self, count: int) -> None:
        """Several events; some show nothing, some show three things."""
        for _ in range(count):
            self._published += 1
            number = self._published
            pairs = [f"c{(number + i) % 5}={'' if number % 7 == 0 else number}" for i in range(3)]
            await self.hub.publish(SESSION, "Put", app.text(",".join(pairs[: number % 4])))

    async def blink(self) -> None:
        await self.hub.publish(SESSION, "Blinked", app.text("now"))

    def connect(self, client: Client, mode: str = "RESUME") -> None:
        """A new connection. The server may not have noticed the end of the last one."""
        client.wire = MemoryWire()
        admission = Admission(dialect=V2_JSON)
        self._group.create_task(self.rooms.handle(client.wire, admission))
        client.wire.say(json.dumps(client.mirror.subscribe(mode)))

    def subscribe(self, client: Client, mode: str) -> None:
        """Once more, on a connection that is there, or else on a new one.

        What is on its way belongs to the subscription before; it is read first.
        """
        self.cut(client, None)
        self.connect(client, mode)

    def cut(self, client: Client, most: int | None) -> None:
        """The connection ends; of what is on its way some frames still arrive."""
        if client.wire is not None:
            client.read(most)
            client.wire.hang_up()
        client.wire = None

    def half_open(self, client: Client) -> None:
        """The client is gone, and the server is not told."""
        if client.wire is not None:
            client.wire.stop_reading()
        client.wire = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def lose_the_store(self) -> None:
        await self.stop()
        self.store = self._new_store()
        await self.start()

    # -- what has to come of it ----------------------------------------------------

    async def converge(self) -> None:
        """Everybody reads on, or comes back."""
        for client in self.clients:
            if client.wire is None:
                self.connect(client)
            else:
                client.wire.go_on_reading()
        for _ in range(TURNS):
            await asyncio.sleep(0)
            for client in self.clients:
                client.read()

    async def check(self) -> None:
        position = await self.hub.position(SESSION)
        snapshot = await self.hub.snapshot(SESSION)
        for client in self.clients:
            assert client.mirror.is_live
            assert client.mirror.epoch == position.epoch
            assert position.shown <= client.mirror.position <= position.head
            assert client.mirror.cells == app.cells(snapshot)


CLIENT = st.integers(0, CLIENTS - 1)
MODES = st.sampled_from(["RESUME", "SNAPSHOT"])
OPERATION = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 12)),
    st.tuples(st.just("publish"), st.just(1)),
    st.tuples(st.just("subscribe"), CLIENT, MODES),
    st.tuples(st.just("read"), CLIENT),
    st.tuples(st.just("stall"), CLIENT),
    st.tuples(st.just("unstall"), CLIENT),
    st.tuples(st.just("cut"), CLIENT, st.integers(0, 3)),
    st.tuples(st.just("half_open"), CLIENT),
    st.tuples(st.sampled_from(["blink", "restart", "lose_the_store", "delete"])),
)
STEPS = st.lists(st.tuples(OPERATION, st.integers(0, 12)), max_size=25)


async def perform(world: World, operation: tuple[object, ...]) -> None:
    match operation:
        case ("publish", int(count)):
            await world.publish(count)
        case ("subscribe", int(index), str(mode)):
            world.subscribe(world.clients[index], mode)
        case ("read", int(index)):
            world.clients[index].read()
        case ("stall" | "unstall" as what, int(index)):
            if (wire := world.clients[index].wire) is not None:
                wire.stop_reading() if what == "stall" else wire.go_on_reading()
        case ("cut", int(index), int(most)):
            world.cut(world.clients[index], most)
        case ("half_open", int(index)):
            world.half_open(world.clients[index])
        case ("blink",):
            await world.blink()
        case ("restart",):
            await world.restart()
        case ("lose_the_store",):
            await world.lose_the_store()
        case ("delete",):
            await world.hub.delete_session(SESSION)


async def play(steps: list[tuple[tuple[object, ...], int]]) -> None:
    async with asyncio.TaskGroup() as group:
        world = World(group)
        await world.start()
        try:
            for operation, turns in steps:
                await perform(world, operation)
                for _ in range(turns):
                    await asyncio.sleep(0)
            await world.converge()
            await world.check()
        finally:
            await world.stop()


class TestP5ResumeWithoutGapOrDuplicate:
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def test_after_any_interleaving_each_client_equals_the_snapshot_at_the_head(
        self, steps: list[tuple[tuple[object, ...], int]]
    ) -> None:
        """And no client was sent a UI event twice, or one after a gap: `Mirror` checks it."""
        asyncio.run(play(steps))
