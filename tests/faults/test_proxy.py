"""Clients behind a bad network, over real sockets, in the server's process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from sessionstream import Hub
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.ws import serve
from tests.faults.proxy import FaultProxy, Link, Way
from tests.faults.watcher import Watcher
from tests.wire import app

# A client that is silent is closed soon, so that a half-open connection ends.
SETTINGS = TransportSettings(ping_interval=0.2, progress_timeout=0.4, close_timeout=0.1)


@asynccontextmanager
async def behind_a_proxy() -> AsyncIterator[tuple[Hub, FaultProxy]]:
    names = app.registry()
    async with Hub(names) as hub, serve(hub, settings=SETTINGS) as server:
        app.install(hub)
        async with FaultProxy(server.port).listening() as proxy:
            yield hub, proxy


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 the client is in the network's hands
            await asyncio.sleep(0.005)


FAULTS: dict[str, Callable[[Link], None]] = {
    "cut": Link.cut,
    "truncated to the client": lambda link: link.truncate(Way.TO_CLIENT, 37),
    "truncated to the server": lambda link: link.truncate(Way.TO_SERVER, 5),
    "half-open to the client": lambda link: link.stall(Way.TO_CLIENT),
    "half-open to the server": lambda link: link.stall(Way.TO_SERVER),
    "stalled": Link.stall,
    "delayed": lambda link: setattr(link, "delay", 0.002),
}


class TestP5OverABadNetwork:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    async def test_a_client_comes_back_and_has_everything(
        self, fault: Callable[[Link], None]
    ) -> None:
        async with behind_a_proxy() as (hub, proxy):
            watcher = Watcher("s", lambda: proxy.port)
            task = asyncio.create_task(watcher.run())
            await until(lambda: watcher.mirror.is_live)
            for link in tuple(proxy.links):
                fault(link)
            for number in range(20):
                await hub.publish("s", "Put", app.text(f"c{number}=1,d=2"))
            # What is stalled for ever ends by the client's silence or the server's.
            await until(lambda: len(watcher.mirror.cells) == 21)
            assert watcher.mirror.cells == app.cells(await hub.snapshot("s"))
            task.cancel()
            await asyncio.wait([task])

    @pytest.mark.parametrize("seed", range(3))
    async def test_any_faults_in_any_order(self, seed: int) -> None:
        dice = random.Random(seed)
        async with behind_a_proxy() as (hub, proxy):
            watchers = [Watcher("s", lambda: proxy.port) for _ in range(10)]
            tasks = [asyncio.create_task(each.run()) for each in watchers]
            await until(lambda: all(each.mirror.is_live for each in watchers))
            for number in range(100):
                await hub.publish("s", "Put", app.text(f"c{number}=1,d={number}"))
                proxy.disturb(dice)
                await asyncio.sleep(0.002)
            await until(lambda: all("c99" in each.mirror.cells for each in watchers))
            cells = app.cells(await hub.snapshot("s"))
            assert all(each.mirror.cells == cells for each in watchers)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
