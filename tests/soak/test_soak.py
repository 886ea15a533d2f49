"""A server under everything at once, for a while: it keeps its promises, and keeps nothing.

`make soak` takes longer.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
import tracemalloc
from collections.abc import Callable

from sessionstream import Hub
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.reads import Reads
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.wire import app
from tests.wire.memory_client import MemoryClient
from tests.wire.mirror import Mirror

SECONDS = float(os.environ.get("SESSIONSTREAM_SOAK_SECONDS", "5"))
CLIENTS = 500 if SECONDS > 30 else 80
SESSIONS = tuple(f"s-{number}" for number in range(10))
SETTINGS = TransportSettings(
    max_queued_frames=32, max_sent_frame_bytes=2000, progress_timeout=3600, drain_seconds=0.05
)
MALFORMED = ("", "{", "[" * 10_000, b"\xff", '{"subscribe":{"sessionId":5}}', '{"no":{}}')
# Of what is allocated after the first rounds, how much more may be after the last.
GROWTH = 1.1
PATIENCE = 60
# What the rooms keep of batches that were shown is as large after one round as ever after.
SHARED_BYTES = 100_000


class Soak:
    """Clients of ten sessions. A round ends as it began: with empty sessions."""

    def __init__(self, hub: Hub, rooms: Rooms, group: asyncio.TaskGroup) -> None:
        self._hub = hub
        self._rooms = rooms
        self._group = group
        self._dice = random.Random(5)
        self.clients = [MemoryClient(Mirror(SESSIONS[n % len(SESSIONS)])) for n in range(CLIENTS)]

    async def round(self) -> None:
        """All the troubles; then everybody has everything, and the sessions are deleted."""
        self._storm()
        await self._publish(5)
        abandoned = self._abandon(CLIENTS // 5)
        self._some_do(CLIENTS // 10, MemoryWire.stop_reading)
        self._some_do(CLIENTS // 10, lambda wire: wire.say(self._dice.choice(MALFORMED)))
        await self._leave_while_subscribing(CLIENTS // 5)
        await self._publish(20)
        await self._agree()
        for wire in abandoned:
            wire.hang_up()
        for session_id in SESSIONS:
            await self._hub.delete_session(session_id)
        await self._agree()
        for client in self.clients:
            assert client.mirror.cells == {}
            client.mirror.applied.clear()
            client.mirror.outcomes.clear()

    def _storm(self) -> None:
        """Everybody's connection ends, and all come back at once."""
        for client in self.clients:
            client.cut(self._dice.choice((0, 1, None)))
            client.connect(self._rooms, self._group)

    def _abandon(self, count: int) -> list[MemoryWire]:
        """Some connect again, and the server is not told that the old connections are dead."""
        wires = []
        for client in self._dice.sample(self.clients, count):
            if client.wire is not None:
                wires.append(client.wire)
            client.half_open()
            client.connect(self._rooms, self._group)
        return wires

    def _some_do(self, count: int, act: Callable[[MemoryWire], None]) -> None:
        for client in self._dice.sample(self.clients, count):
            if client.wire is not None:
                act(client.wire)

    async def _leave_while_subscribing(self, count: int) -> None:
        for _ in range(count):
            leaver = MemoryClient(Mirror(self._dice.choice(SESSIONS)))
            leaver.connect(self._rooms, self._group)
            for _ in range(self._dice.randrange(6)):
                await asyncio.sleep(0)
            leaver.cut()

    async def _publish(self, count: int) -> None:
        for number in range(count):
            for session_id in SESSIONS:
                value = f"a{number}={self._dice.random()},b={'x' * 100},c{number % 3}="
                await self._hub.publish(session_id, "Put", app.text(value))

    async def _agree(self) -> None:
        """Everybody reads, until all have what their session is."""
        self._some_do(CLIENTS, MemoryWire.go_on_reading)
        cells = {each: app.cells(await self._hub.snapshot(each)) for each in SESSIONS}
        heads = {each: await self._hub.position(each) for each in SESSIONS}
        todo = set(range(CLIENTS))
        async with asyncio.timeout(PATIENCE):
            while todo:
                await asyncio.sleep(0)
                for index in tuple(todo):
                    client = self.clients[index]
                    client.read()
                    mirror, head = client.mirror, heads[client.mirror.session_id]
                    is_there = mirror.position == head.head and mirror.epoch == head.epoch
                    if is_there and mirror.is_live and mirror.cells == cells[mirror.session_id]:
                        todo.discard(index)


async def test_it_keeps_its_promises_and_keeps_nothing() -> None:
    """`Mirror` checks each frame of each client; the rest is checked here."""
    before = asyncio.all_tasks()
    names = app.registry()
    sizes: list[int] = []
    end = time.monotonic() + SECONDS
    async with Hub(names) as hub, asyncio.TaskGroup() as group:
        app.install(hub)
        rooms = Rooms(hub, SETTINGS)
        rooms.reads = Reads(hub, SHARED_BYTES)
        async with rooms:
            soak = Soak(hub, rooms, group)
            tracemalloc.start()
            try:
                while len(sizes) < 6 or time.monotonic() < end:
                    await soak.round()
                    gc.collect()
                    sizes.append(tracemalloc.get_traced_memory()[0])
            finally:
                tracemalloc.stop()
            for client in soak.clients[: CLIENTS // 2]:
                client.cut()  # the others are sent away
        assert rooms.watched() == set()
        assert rooms.queued_bytes() == 0
    assert asyncio.all_tasks() == before
    assert sizes[-1] < sizes[1] * GROWTH, f"what is kept grows: {sizes}"
