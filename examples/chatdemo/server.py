"""Runs the chat's web server until it is told to end."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from chatdemo.app import create_app
from chatdemo.chat import open_chat
from chatdemo.engine import AnsweringEngine
from sessionstream.transport.rooms import Rooms

_REMEDIES = {
    errno.EADDRINUSE: "something listens there already; choose another port with --port",
    errno.EACCES: "it needs more privileges; choose a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host",
}


class ListenError(Exception):
    """The address can't be listened on. The text names the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens; port 0 takes a free one.

    Raises:
        ListenError: It can't.
    """
    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server((host, port), family=family)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror}; choose another with --host")
        raise ListenError(f"can't listen on {host} port {port}: {remedy}") from error


async def serve(engine: AnsweringEngine, listener: socket.socket, path: Path | None) -> None:
    """Serves the chat until SIGINT or SIGTERM; returns when all of it is closed.

    Raises:
        StoreError: The file can't be opened.
    """
    async with open_chat(engine, path) as hub, Rooms(hub) as rooms:
        config = uvicorn.Config(
            create_app(hub, rooms, engine_name=engine.name),
            log_level="warning",
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=rooms.settings.max_frame_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
        )
        await _Server(config).serve(sockets=[listener])


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"chatdemo is running at http://{shown}:{port}/\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's own would raise the signal again, before the Hub is closed.
        self.force_exit = self.should_exit
        self.should_exit = True
