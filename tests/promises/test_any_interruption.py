"""P4 and P5: whatever happens in whatever order, every client ends with what the session is.

Operations come from hypothesis; the server, its network and the clients are
in one event loop, so that a failure comes again.
"""

from __future__ import annotations

import asyncio
import os

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sessionstream import Hub
from sessionstream.hydration.base import Retention
from sessionstream.hydration.memory import MemoryStore
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.wire import app
from tests.wire.memory_client import MemoryClient
from tests.wire.mirror import Mirror

CLIENTS = 3
# `make soak` tries more.
EXAMPLES = int(os.environ.get("SESSIONSTREAM_EXAMPLES", "60"))
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


class World:
    """A server that can end and begin anew, and its clients."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._published = 0
        self.store = self._new_store()
        self.clients = [MemoryClient(Mirror(SESSION)) for _ in range(CLIENTS)]

    async def start(self) -> None:
        names = app.registry()
        self.hub = await Hub(names, store=self.store).__aenter__()
        app.install(self.hub)
        self.rooms = await Rooms(self.hub, LIMITS).__aenter__()

    async def stop(self) -> None:
        for client in self.clients:
            client.cut()
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

    def subscribe(self, client: MemoryClient, mode: str = "RESUME") -> None:
        """On a new connection; what is on its way on the last one is read first."""
        client.cut(None)
        client.connect(self.rooms, self._group, mode)

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
                self.subscribe(client)
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
            world.clients[index].cut(most)
        case ("half_open", int(index)):
            world.clients[index].half_open()
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
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    # What was held during a load was too much, and nothing came after it.
    @example([(("subscribe", 0, "RESUME"), 4), (("publish", 3), 0)])
    # What was published since the snapshot was read is kept no more.
    @example([(("publish", 22), 0), (("subscribe", 1, "RESUME"), 0), (("publish", 33), 3)])
    def test_after_any_interleaving_each_client_equals_the_snapshot_at_the_head(
        self, steps: list[tuple[tuple[object, ...], int]]
    ) -> None:
        """And no client was sent a UI event twice, or one after a gap: `Mirror` checks it."""
        asyncio.run(play(steps))
