"""Runs the lab's web server until it is told to end."""

from __future__ import annotations

import socket
import sys
from types import FrameType

import uvicorn
from chatdemo.server import trusted_hosts

from sessionstream.lifecycle import end_at_once_from_now_on
from systemlab.app import create_app
from systemlab.visitors import Visitors


async def serve(listener: socket.socket, host: str) -> None:
    """Serves the lab until SIGINT or SIGTERM; returns when every visitor's runtime has ended.

    A second signal ends the process at once. The listener is at the address of ``host``.
    """
    hosts = trusted_hosts(host, listener.getsockname()[0])
    async with Visitors() as visitors:
        config = uvicorn.Config(
            create_app(visitors, hosts=hosts),
            log_level="warning",
            lifespan="off",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
        )
        await _Server(config, visitors).serve(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, visitors: Visitors) -> None:
        super().__init__(config)
        self._visitors = visitors

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            named = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"systemlab is running at http://{named}:{port}/\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        try:
            await self._visitors.aclose()
        finally:
            await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        end_at_once_from_now_on()
        self.should_exit = True
