"""A chat in memory with an engine that the test steers; the demo in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1.chat_sessionstream import install
from playwright.sync_api import Browser, Page

from tests.chatdemo.helpers import ChatScenario, Demo, ScriptedEngine, steered_demo
from tests.chatdemo.pages import opened, visit
from tests.chromium import launched


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with steered_demo() as demo:
        yield demo


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with opened(chromium) as page:
        visit(page, demo.url)
        yield page
