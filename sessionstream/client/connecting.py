"""Where a client begins and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sessionstream.client.client import Client
from sessionstream.client.settings import ClientSettings
from sessionstream.client.state import StateListener
from sessionstream.client.tokens import Token
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
        url: Of the WebSocket, as ``wss://chat.example/ws``; without user and
            password, for which there is the token.
        registry: The names and types of the application.
        token: Sent as ``Authorization: Bearer``, and to a server that asks for
            one in a frame. Where it is an async function it is called for
            every connection, and before the token expires where the server has
            said in an ``authenticated`` frame when that is. Of a token that it
            took in the handshake it does not say so: when that has expired it
            closes the connection, and the client connects with the next one
            and goes on where it was. What the function raises is logged, and
            it is called again with the next attempt.
        settings: Limits and deadlines.
        on_state: Told when the connection is lost, and when it is there again.
        dial: Opens connections; for other transports, and for tests.

    Raises:
        TypeError, ValueError: An argument is unusable, and which.
        ConnectError: No server is there in ``settings.connect_timeout``. At
            once where no attempt can help: the URL is unusable, the server
            does not speak this protocol, answers with an HTTP status of 400 to
            499 (other than 401, 403, 408, 425 and 429) or shows a certificate
            that is not trusted; or the token function gives what is no token.
        AccessError: The server does not let the client in: it answers with HTTP
            403 or closes with 4403; or with 401 or 4401, twice in a row where
            the token comes from a function.
    """
    client = Client(url, registry, token, settings, on_state, dial)
    try:
        await client.start()
        yield client
    finally:
        await client.aclose()
