"""Runs the chat's web server until it is told to end."""

from __future__ import annotations

import errno
import gc
import socket
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path

import uvicorn

from chatdemo.app import create_app
from chatdemo.chat import open_chat
from chatdemo.engine import AnsweringEngine
from sessionstream import Hub, Observer
from sessionstream.inspector import InspectorApp, Recorder
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.uvicorn_server import UvicornServer

_REMEDIES = {
    errno.EADDRINUSE: "something listens there already; choose another port with --port",
    errno.EACCES: "it needs more privileges; choose a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host",
}


# A client that never reads keeps its socket, and the system 2 MB for it, until
# somebody gives up on it: asyncio tells no server that nothing leaves any more.
CLIENT_TIMEOUT_MS = 30_000


class ListenError(Exception):
    """The address can't be listened on. The text names the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens; port 0 takes a free one.

    Raises:
        ListenError: It can't.
    """
    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listener = socket.create_server((host, port), family=family)
    except UnicodeError as error:  # of a part that is empty, too long or no text
        raise ListenError(f"can't listen on {host!r}: that is no name of a host") from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror}; choose another with --host")
        raise ListenError(f"can't listen on {host!r} port {port}: {remedy}") from error
    if sys.platform == "linux":  # where the sockets that it accepts inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, CLIENT_TIMEOUT_MS)
    return listener


def trusted_hosts(host: str, address: str) -> list[str] | None:
    """Returns what the Host header of a request may name; None for anything.

    A page from anywhere can give its own name the address 127.0.0.1, and is then
    of this server's origin (DNS rebinding). So a server that is for this
    computer only answers to the names that lead there only.
    """
    if not ip_address(address).is_loopback:
        return None
    return ["localhost", "127.0.0.1", "[::1]", _in_url(address), _in_url(host)]


async def serve(
    engine: AnsweringEngine,
    listener: socket.socket,
    path: Path | None,
    *,
    host: str,
    observers: Iterable[Observer] = (),
    inspected: bool = False,
) -> None:
    """Serves the chat until SIGINT or SIGTERM; returns when all of it is closed.

    The chat is closed while its pages still watch, so they see how it ends; then
    they are told goodbye. A second signal ends the process at once. The listener
    is at the address of ``host``. Where it is ``inspected``, whoever is at this
    computer may see all of it under ``/inspector/``.

    Raises:
        StoreError: The file can't be opened.
    """
    hosts = trusted_hosts(host, listener.getsockname()[0])
    recorder = Recorder()
    if inspected:
        observers = (*observers, recorder)
    async with AsyncExitStack() as chat:
        hub = await chat.enter_async_context(open_chat(engine, path, observers=observers))
        async with Rooms(hub) as rooms:
            inspector = _inspector(hub, rooms, recorder) if inspected else None
            config = uvicorn.Config(
                create_app(rooms, engine_name=engine.name, hosts=hosts, inspector=inspector),
                log_level="warning",
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=rooms.settings.max_frame_bytes,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=3,
            )
            await _Server(config, rooms, drain=chat.aclose).serve(sockets=[listener])


def _inspector(hub: Hub, rooms: Rooms, recorder: Recorder) -> InspectorApp:
    async def is_of_this_computer(request: ConnectionRequest) -> bool:
        return bool(request.remote) and ip_address(request.remote).is_loopback

    return InspectorApp(hub, recorder, authorize=is_of_this_computer, rooms=rooms, payloads=True)


class _Server(UvicornServer):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there by now lives as long as the server. To look through it again and again
        # would stop all chats for some ten milliseconds each time.
        gc.collect()
        gc.freeze()
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            sys.stdout.write(f"chatdemo is running at http://{_in_url(host)}:{port}/\n")
            sys.stdout.flush()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
