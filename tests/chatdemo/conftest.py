"""A chat in memory with an engine that the test steers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from chatdemo.chat import open_chat
from chatdemo.v1.chat_sessionstream import ChatClient

from sessionstream import Hub
from tests.chatdemo.helpers import ScriptedEngine, Watcher


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
async def hub(engine: ScriptedEngine, watcher: Watcher) -> AsyncIterator[Hub]:
    async with open_chat(engine) as hub:
        hub.add_fanout(watcher)
        yield hub


@pytest.fixture
def client(hub: Hub) -> ChatClient:
    return ChatClient(hub)
