"""The three doors under a real server, mounted into Starlette."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.transport.http.serving import ASGI, Place, place


class Announced(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        self.listening.set()


@asynccontextmanager
async def serving(app: ASGI) -> AsyncIterator[str]:
    """Serves an application; gives host, port and mount."""
    outer = Starlette(routes=[Mount("/live", app)])
    config = uvicorn.Config(outer, port=0, ws="websockets-sansio", lifespan="on", log_config=None)
    server = Announced(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        await server.listening.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"127.0.0.1:{port}/live"
        finally:
            server.should_exit = True


@asynccontextmanager
async def reading(client: httpx.AsyncClient, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    """Reads a stream of events, line by line."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", "/sessions/s/events", headers=named) as answer:
        assert answer.status_code == 200
        yield answer.aiter_lines()


async def frame(lines: AsyncIterator[str], kind: str) -> tuple[str, dict[str, object]]:
    """Returns the next frame of a kind and the id before it."""
    last = ""
    async for line in lines:
        name, _, value = line.partition(": ")
        last = value if name == "id" else last
        if name == "data" and kind in (found := json.loads(value)):
            return last, found[kind]
    raise AssertionError(f"no {kind}")


async def talk(served: Place, where: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{where}", timeout=30) as client:
        async with reading(client) as lines:
            at, _ = await frame(lines, "subscribed")
            assert (await client.post("/sessions/s/commands/Say", json="one")).status_code == 200
            _, shown = await frame(lines, "uiEvent")
            assert shown["eventOrdinal"] == "1"
        await served.said("two")
        async with reading(client, last_event_id=at) as lines:
            ordinals = [(await frame(lines, "uiEvent"))[1]["eventOrdinal"] for _ in range(2)]
            assert ordinals == ["1", "2"]
        snapshot = await client.get("/sessions/s/snapshot")
        assert snapshot.json()["snapshotOrdinal"] == "2"
        assert (await client.post("/sessions/s/commands/Say", json="x" * 70_000)).status_code == 413
        assert (await client.get("/sessions/s/snapshot")).status_code == 200


async def test_what_one_door_takes_in_the_others_show() -> None:
    async with place() as served, serving(served.app) as where:
        await talk(served, where)
        protocol = Subprotocol("sessionstream.v2.json")
        async with connect(f"ws://{where}/ws", subprotocols=[protocol]) as socket:
            assert "hello" in json.loads(await socket.recv())
            await socket.send('{"subscribe":{"sessionId":"s"}}')
            snapshot = json.loads(await socket.recv())["snapshot"]
            assert snapshot["snapshotOrdinal"] == "2"
        await served.rooms.aclose()


async def test_a_stream_ends_with_the_rooms_and_the_server_can_end() -> None:
    async with (
        place() as served,
        serving(served.app) as where,
        httpx.AsyncClient(base_url=f"http://{where}", timeout=30) as client,
        reading(client) as lines,
    ):
        await frame(lines, "subscribed")
        await served.rooms.aclose()
        assert [line async for line in lines][-3:-1] == [
            "event: close",
            'data: {"code": 1001, "reason": "the server shuts down"}',
        ]
