"""P4: one reader that never reads among 1,000."""

from __future__ import annotations

import asyncio

from sessionstream import Hub
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.settings import TransportSettings
from tests.wire import app
from tests.wire.memory_client import MemoryClient
from tests.wire.mirror import Mirror

READERS = 1000
EVENTS = 40
BUDGET = 4_000
SETTINGS = TransportSettings(max_queued_bytes=BUDGET, progress_timeout=3600, drain_seconds=0)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


class TestP4NobodySlowsASession:
    async def test_one_that_never_reads_costs_its_budget_and_nobody_notices(self) -> None:
        """The others have every event at once, the memory is bounded, and it is caught up later."""
        names = app.registry()
        async with Hub(names) as hub, asyncio.TaskGroup() as group, Rooms(hub, SETTINGS) as rooms:
            app.install(hub)
            clients = [MemoryClient(Mirror("s")) for _ in range(READERS)]
            stuck = clients[READERS // 2]
            for client in clients:
                client.connect(rooms, group)
            await turns(200)
            for client in clients:
                client.read()
                assert client.mirror.is_live
            assert stuck.wire is not None
            stuck.wire.stop_reading()
            most = 0
            for number in range(EVENTS):
                await hub.publish("s", "Put", app.text(f"a={number},b={'x' * 300}{number}"))
                await turns(100)
                most = max(most, rooms.queued_bytes())
                for client in clients:
                    client.read()
                behind = [each for each in clients if each.mirror.position != number + 1]
                assert behind == [stuck]
            assert 0 < most <= BUDGET
            stuck.wire.go_on_reading()
            await turns(400)
            stuck.read()
            assert stuck.mirror.position == EVENTS
            assert stuck.mirror.cells == app.cells(await hub.snapshot("s"))
