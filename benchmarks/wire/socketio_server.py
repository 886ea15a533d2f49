"""python-socketio as an ASGI application under uvicorn; a session is a room."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import socketio
import uvicorn

from benchmarks.wire.publishing import Serving


@asynccontextmanager
async def serving(frame: bytes) -> AsyncIterator[Serving]:
    """Emits the frame as an event, with its session's id and its own stamp."""
    app = socketio.AsyncServer(async_mode="asgi", ping_interval=3600)
    content = json.loads(frame)

    async def subscribe(sid: str, session_id: str) -> None:
        await app.enter_room(sid, session_id)
        await app.emit("subscribed", to=sid)

    app.on("subscribe", subscribe)

    async def publish(session_id: str, text: str) -> None:
        event = content["uiEvent"]
        event["sessionId"] = session_id
        event["payload"]["chunk"] = text
        await app.emit("event", content, room=session_id)

    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        config = uvicorn.Config(
            socketio.ASGIApp(app),
            log_level="warning",
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield Serving(listener.getsockname()[1], publish)
        finally:
            server.should_exit = True
            await task
