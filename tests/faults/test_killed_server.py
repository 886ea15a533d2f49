"""P3 and P5 with `kill -9`: 50 clients that resume, whatever happens to the server.

`make crash` kills more often.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sessionstream import Hub
from sessionstream.hydration.sqlite import SQLiteStore
from tests.faults.proxy import FaultProxy
from tests.faults.watcher import Watcher
from tests.wire import app

CLIENTS = 50
SESSIONS = 5
KILLS = max(int(os.environ.get("SESSIONSTREAM_KILLS", "12")) // 4, 2)
ROOT = Path(__file__).parents[2]
PATIENCE = 30


class Server:
    """A child process that serves a file; killed, it begins anew on another port."""

    def __init__(self, path: Path, proxy: FaultProxy) -> None:
        self._path = path
        self._proxy = proxy

    async def start(self) -> None:
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.serving_child",
            str(self._path),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._child.stdout is not None
        self._proxy.target = int(await self._child.stdout.readline())

    async def kill(self) -> None:
        self._child.kill()
        assert await self._child.wait() == -9, "the server ended by itself"


@asynccontextmanager
async def watching(watchers: list[Watcher]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.run()) for each in watchers]
        yield
        for task in tasks:
            task.cancel()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 the clients are in the network's hands
            await asyncio.sleep(0.01)


async def send_commands(watchers: list[Watcher], run: int, count: int) -> None:
    """Every client of every session sets cells that nobody else sets."""
    for number in range(count):
        for index, watcher in enumerate(watchers):
            await watcher.command(f"{run}-{number}-{index}", f"c{run}-{number}-{index}=1")
        await asyncio.sleep(0.005)


async def check(path: Path, watchers: list[Watcher]) -> None:
    """Every client has what the store has, and that has all that was acknowledged."""
    names = app.registry()
    async with SQLiteStore.open(str(path), names) as store, Hub(names, store=store) as hub:
        app.install(hub)
        for watcher in watchers:
            cells = app.cells(await hub.snapshot(watcher.mirror.session_id))
            assert watcher.mirror.cells == cells
            missing = {each.partition("=")[0] for each in watcher.completed} - cells.keys()
            assert not missing, f"acknowledged and lost: {missing}"
            log = await store.events(watcher.mirror.session_id, limit=100_000)
            values = [app.text_of(event.payload) for event in log]  # type: ignore[union-attr]  # all are readable
            assert len(values) == len(set(values)), "a command was run twice"


class TestP5AndP3:
    async def test_killed_over_and_over_no_client_misses_or_repeats_anything(
        self, tmp_path: Path
    ) -> None:
        """And what was acknowledged is in the store. `Mirror` checks each frame."""
        path = tmp_path / "kills.db"
        dice = random.Random(5)
        async with FaultProxy().listening() as proxy:
            server = Server(path, proxy)
            await server.start()
            watchers = [Watcher(f"s-{n % SESSIONS}", lambda: proxy.port) for n in range(CLIENTS)]
            async with watching(watchers):
                for run in range(KILLS):
                    await until(lambda: all(each.mirror.is_live for each in watchers))
                    await send_commands(watchers, run, count=3)
                    for _ in range(10):
                        proxy.disturb(dice)
                    await asyncio.sleep(dice.random() * 0.1)
                    await server.kill()
                    await server.start()
                await until(lambda: all(each.is_done() for each in watchers))
                for watcher in watchers[:SESSIONS]:
                    await watcher.command("end", "end=1")
                await until(lambda: all("end" in each.mirror.cells for each in watchers))
            await server.kill()
        assert all(each.connections > KILLS for each in watchers)
        assert sum(bool(each.completed) for each in watchers) > CLIENTS / 2
        assert all(("RESUMED", "AS_REQUESTED") in each.mirror.outcomes for each in watchers)
        await check(path, watchers)
