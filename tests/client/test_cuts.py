"""Connections that are cut at any moment, between a real server and a client."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from sessionstream.client import Client, ClientSettings, Dialect, SnapshotUpdate, connect
from sessionstream.client.wire import Wire, dial
from tests.client.scripted_server import text
from tests.client.serving import make_registry, serving, shown, value_of

COMMANDS = 60


class Cutting:
    """Opens real connections, and cuts the present one now and then."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.cuts = 0

    async def dial(self, url: str, token: str | None, settings: ClientSettings) -> Wire:
        self._wire = await dial(url, token, settings)
        return self._wire

    async def while_it_runs(self, work: asyncio.Future[list[None]]) -> None:
        while not work.done():
            for _ in range(self._random.randrange(200)):
                await asyncio.sleep(0)
            self._wire.abort()
            self.cuts += 1


async def follow(client: Client, until: str) -> list[str]:
    """What a page shows in the end."""
    lines: list[str] = []
    async with client.watch("s") as updates:
        async for update in updates:
            if isinstance(update, SnapshotUpdate):
                lines = shown(update)
            else:
                lines += shown(update)
            if until in lines:
                break
    return lines


class TestCuts:
    @pytest.mark.parametrize("dialect", Dialect)
    async def test_every_command_is_run_once_and_shown_once(
        self, tmp_path: Path, dialect: Dialect
    ) -> None:
        settings = ClientSettings(dialect=dialect, backoff_base=0.001, backoff_limit=0.01)
        cutting = Cutting(seed=1)
        async with (
            serving(tmp_path) as (hub, server),
            connect(server.url, make_registry(), settings=settings, dial=cutting.dial) as client,
        ):
            following = asyncio.ensure_future(follow(client, "end"))
            commands = (client.submit("s", "Say", text(str(each))) for each in range(COMMANDS))
            work = asyncio.gather(*commands)
            await cutting.while_it_runs(work)
            await work
            await client.submit("s", "Say", text("end"))
            lines = await following
            stored = [value_of(each.payload) for each in (await hub.snapshot("s")).entities]
        assert cutting.cuts > 1
        assert lines == stored
        assert Counter(lines) == Counter([*map(str, range(COMMANDS)), "end"])
