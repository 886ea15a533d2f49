"""A chat in memory with an engine that the test steers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from chatdemo.chat import open_chat
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1.chat_sessionstream import ChatClient, install

from sessionstream import Hub
from tests.chatdemo.helpers import ChatScenario, ScriptedEngine, Watcher


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def chat(engine: ScriptedEngine) -> AsyncIterator[ChatScenario]:
    modules = partial(
        install, handlers=Handlers(engine), ui=LiveMessages(), timeline=StoredMessages()
    )
    async with ChatScenario(modules) as chat:
        yield chat


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
