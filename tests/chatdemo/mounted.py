"""The chat in a FastAPI application of one's own, for people with a token.

Serves at a free port and prints it.
"""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from chatdemo.chat import open_chat
from chatdemo.engine import EchoEngine
from fastapi import FastAPI

from sessionstream.transport.access import Access, ConnectionRequest, Principal
from sessionstream.transport.http import SessionStreamApp
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.uvicorn_server import UvicornServer

TOKENS = {"the-token-of-ann": "ann", "the-token-of-bob": "bob"}


async def authenticate(request: ConnectionRequest) -> Principal | None:
    person = TOKENS.get(request.bearer() or "")
    return None if person is None else Principal(person)


async def may_see(principal: Principal, session_id: str) -> bool:
    return session_id.startswith(f"{principal.id}-")


async def may_say(principal: Principal, session_id: str, name: str, message: object) -> bool:
    return await may_see(principal, session_id)


async def main(listener: socket.socket) -> None:
    access = Access(
        authenticate=authenticate, authorize_subscribe=may_see, authorize_command=may_say
    )
    async with open_chat(EchoEngine()) as hub, Rooms(hub, access=access) as rooms:
        app = FastAPI()
        app.mount("/live", SessionStreamApp(rooms))
        config = uvicorn.Config(app, ws_max_size=rooms.settings.max_frame_bytes)
        await UvicornServer(config, rooms).serve(sockets=[listener])


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        asyncio.run(main(listener))
