"""A client that is connected to a server which the test plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from sessionstream.client import Client, connect
from tests.client.model_server import make_registry
from tests.client.scripted_server import SETTINGS, ScriptedConnection, ScriptedServer


@dataclass
class Play:
    """A client, its server, and the first connection between them."""

    client: Client
    server: ScriptedServer
    connection: ScriptedConnection


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    server = ScriptedServer()
    dial = server.dial
    async with connect("ws://server", make_registry(), settings=SETTINGS, dial=dial) as client:
        yield Play(client, server, await server.accept())
