"""`websockets.broadcast` and nothing else: what this stack can do at most."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks.wire import stamps
from benchmarks.wire.orders import session_name
from benchmarks.wire.publishing import Serving


@asynccontextmanager
async def serving(frame: bytes) -> AsyncIterator[Serving]:
    """Serves the frame, with each session's id and each event's stamp in their places.

    It is sent as text where it is a JSON object, else as binary.
    """
    rooms: dict[str, set[ServerConnection]] = defaultdict(set)
    is_text = frame.startswith(b"{")
    own_id = session_name(0).encode()

    async def handler(connection: ServerConnection) -> None:
        await connection.send('{"hello":{}}')
        session_id = json.loads(await connection.recv())["subscribe"]["sessionId"]
        rooms[session_id].add(connection)
        try:
            await connection.send('{"subscribed":{}}')
            await connection.wait_closed()
        finally:
            rooms[session_id].discard(connection)

    async def publish(session_id: str, text: str) -> None:
        message = stamps.replaced(frame, text).replace(own_id, session_id.encode())
        broadcast(rooms[session_id], message.decode() if is_text else message)
        # Without a turn for the loop nothing that the network did not take at once would go out.
        await asyncio.sleep(0)

    async with serve(handler, "127.0.0.1", 0, compression=None, ping_interval=3600) as server:
        yield Serving(server.sockets[0].getsockname()[1], publish)
