"""Where a client begins and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sessionstream.client.client import Client
from sessionstream.client.connection import Token
from sessionstream.client.settings import ClientSettings
from sessionstream.client.state import StateListener
from sessionstream.client.wire import Dial, dial
from sessionstream.schema import SchemaRegistry


@asynccontextmanager
async def connect(
    url: str,
    registry: SchemaRegistry,
    *,
    token: Token = None,
    settings: ClientSettings = ClientSettings(),  # noqa: B008 frozen
    on_state: StateListener | None = None,
    dial: Dial = dial,
) -> AsyncIterator[Client]:
    """Connects to a server and stays connected while the context is entered.

    A connection that is lost is made again, and what was watched goes on from
    where it was. Leaving closes the connection; watchers and commands that wait
    end with `ClientClosedError`, and no task is left behind.

    Args:
        url: Of the WebSocket, as ``wss://chat.example/ws``.
        registry: The names and types of the application.
        token: Sent as ``Authorization: Bearer``, and to a server that asks for
            one in a frame. Where it is an async function it is called for
            every connection and before the token expires.
        settings: Limits and deadlines.
        on_state: Told when the connection is lost, and when it is there again.
        dial: Opens connections; for other transports, and for tests.

    Raises:
        ConnectError: No server is there in ``settings.connect_timeout``, or no
            server of this protocol.
        AccessError: The server does not let the client in.
    """
    client = Client(url, registry, token, settings, on_state, dial)
    try:
        await client.start()
        yield client
    finally:
        await client.aclose()
