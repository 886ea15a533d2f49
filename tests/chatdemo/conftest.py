"""A chat in memory with an engine that the test steers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1.chat_sessionstream import install

from tests.chatdemo.helpers import ChatScenario, ScriptedEngine


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
