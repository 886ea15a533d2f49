"""P4 over real sockets: a client that never reads while 10,000 events are published."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable, Coroutine

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sessionstream import Event, ProjectionError, SchemaRegistry, UIEvent
from sessionstream.hub import Hub
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.ws import Server, serve

EVENTS = 10_000
# With its frame about one kilobyte: far more in all than the buffers of a socket.
TEXT = StringValue(value="x" * 900)


async def watch(client: ClientConnection) -> None:
    await client.send('{"subscribe":{"sessionId":"s"}}')
    for expected in ("hello", "snapshot", "subscribed"):
        assert expected in json.loads(await client.recv())


async def a_client_that_will_not_read(server: Server) -> ClientConnection:
    # The kernel would keep megabytes for it: the client has to ask for less.
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    address = (server.host, server.port)
    await asyncio.get_running_loop().sock_connect(connection, address)
    client = await connect(server.url, sock=connection, ping_interval=None)
    await watch(client)
    return client


def masked(first: int, payload: bytes) -> bytes:
    """A small frame as a client sends it, with a mask that changes nothing."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


async def ask_for_ever(client: ClientConnection) -> None:
    """Sends pings of our protocol until the connection ends."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await client.send(json.dumps({"ping": {"nonce": "n" * 60_000}}))


async def ping_for_ever(client: ClientConnection) -> None:
    """Sends pings of the WebSocket protocol until the connection ends."""
    pings = masked(0x89, b"x" * 125) * 100
    with contextlib.suppress(OSError):
        while not client.transport.is_closing():
            client.transport.write(pings)
            await client.drain()


class TestP4NobodySlowsASession:
    async def test_one_that_never_reads_lags_and_nobody_else_notices(self, hub: Hub) -> None:
        """The queue stays below its limit, the others get every event, in order."""
        most = 0
        ordinals: list[int] = []
        settings = TransportSettings(close_timeout=0.05)
        async with serve(hub, settings=settings) as server:
            slow = await a_client_that_will_not_read(server)
            async with connect(server.url) as quick:
                await watch(quick)
                for number in range(EVENTS):
                    await hub.publish("s", "Said", TEXT)
                    most = max(most, server.rooms.queued_bytes())
                    # Reading keeps pace here, for both ends share one process.
                    if number % 100 == 99:
                        while len(ordinals) <= number:
                            event = json.loads(await quick.recv())["uiEvent"]
                            ordinals.append(int(event["eventOrdinal"]))
            slow.transport.abort()
        assert ordinals == list(range(1, EVENTS + 1))
        assert 0 < most < 2 * settings.max_queued_bytes

    async def test_one_that_reads_again_is_brought_up(self, hub: Hub) -> None:
        """It gets what it missed, or a snapshot in its place, and nothing twice."""
        async with serve(hub, settings=TransportSettings(max_queued_frames=100)) as server:
            slow = await a_client_that_will_not_read(server)
            for _ in range(3_000):
                await hub.publish("s", "Said", TEXT)
            reached = 0
            while reached < 3_000:
                ((kind, body),) = json.loads(await slow.recv()).items()
                ordinal = int(body["snapshotOrdinal" if kind == "snapshot" else "eventOrdinal"])
                assert ordinal == reached + 1 or (kind == "snapshot" and ordinal > reached)
                reached = ordinal
            await slow.close()

    async def test_one_that_takes_nothing_at_all_is_cut_off(self, hub: Hub) -> None:
        settings = TransportSettings(
            close_timeout=0.05, progress_timeout=0.05, max_queued_frames=100
        )
        async with serve(hub, settings=settings) as server:
            dead = await a_client_that_will_not_read(server)
            while server.rooms.watched():
                await hub.publish("s", "Said", TEXT)
            await server.rooms.deserted()
            dead.transport.abort()

    @pytest.mark.parametrize("flood", [ask_for_ever, ping_for_ever])
    async def test_one_that_asks_and_never_reads_is_cut_off_and_leaves_nothing(
        self, hub: Hub, flood: Callable[[ClientConnection], Coroutine[None, None, None]]
    ) -> None:
        before = asyncio.all_tasks()
        settings = TransportSettings(progress_timeout=0.05, close_timeout=0.05)
        async with serve(hub, settings=settings) as server:
            clients = [await a_client_that_will_not_read(server) for _ in range(2)]
            async with asyncio.TaskGroup() as group:
                for client in clients:
                    group.create_task(flood(client))
                await server.rooms.deserted()
            assert server.rooms.queued_bytes() == 0
            for client in clients:
                await client.wait_closed()
        await asyncio.gather(*(asyncio.all_tasks() - before))

    async def test_pings_of_the_websocket_protocol_fill_no_memory(self, hub: Hub) -> None:
        """The library answers them by itself, so this limit is not one in time."""
        async with serve(hub, settings=TransportSettings(progress_timeout=3600)) as server:
            client = await a_client_that_will_not_read(server)
            await ping_for_ever(client)
            await server.rooms.deserted()

    @pytest.mark.parametrize(
        ("events", "size"), [(256, 6_000), (3_000, 10)], ids=["many bytes", "many frames"]
    )
    async def test_one_that_reads_stays_however_large_a_commit(
        self, hub: Hub, events: int, size: int
    ) -> None:
        """More than a queue holds, published at once: group commit makes it a few transactions."""
        text = StringValue(value="x" * size)
        async with serve(hub) as server, connect(server.url) as client:
            await watch(client)
            async with asyncio.TaskGroup() as group:
                for _ in range(events):
                    group.create_task(hub.publish("s", "Said", text))
                ordinals = [
                    int(json.loads(await client.recv())["uiEvent"]["eventOrdinal"])
                    for _ in range(events)
                ]
        assert ordinals == list(range(1, events + 1))

    async def test_one_that_reads_stays_when_a_projection_catches_up(self) -> None:
        registry = SchemaRegistry()
        registry.register_event("Said", StringValue)
        registry.register_ui_event("Shown", StringValue)
        is_broken = True

        def show(event: Event[Message], *_: object) -> list[UIEvent[Message]]:
            if is_broken:
                raise ValueError("not yet")
            return [UIEvent(name="Shown", payload=event.payload)]

        async with Hub(registry) as hub, serve(hub) as server, connect(server.url) as client:
            hub.register_ui_projection(show)
            await watch(client)
            said = (hub.publish("s", "Said", StringValue()) for _ in range(1_500))
            assert all(
                isinstance(result, ProjectionError)
                for result in await asyncio.gather(*said, return_exceptions=True)
            )
            is_broken = False
            last = await hub.publish("s", "Said", StringValue())
            for ordinal in range(1, last.ordinal + 1):
                shown = json.loads(await client.recv())["uiEvent"]
                assert shown["eventOrdinal"] == str(ordinal)
