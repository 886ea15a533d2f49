"""Scenarios over the small application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from google.protobuf.api_pb2 import Mixin

from sessionstream import TimelineEntity, UIEvent
from sessionstream.testing import MemoryServer, ScriptedClient
from tests.testing.lines import Lines, LinesScenario, written

LinesClient = ScriptedClient[UIEvent[Mixin], TimelineEntity[Mixin]]
LinesServer = MemoryServer[UIEvent[Mixin], TimelineEntity[Mixin]]

SESSION = "session-1"


class Failure(Protocol):
    """Holds the message of the `AssertionError` that a step raised."""

    text: str


class _Failure:
    text = ""


@contextmanager
def failure() -> Iterator[Failure]:
    """Fails unless the block raises an `AssertionError`; gives out its text, after the block."""
    found = _Failure()
    with pytest.raises(AssertionError) as caught:
        yield found
    found.text = str(caught.value)


@pytest.fixture
def app() -> Lines:
    return Lines()


@pytest.fixture
async def lines(app: Lines) -> AsyncIterator[LinesScenario]:
    async with LinesScenario(app) as lines:
        yield lines


@pytest.fixture
async def page(lines: LinesScenario) -> LinesClient:
    """A client that has subscribed to a session with a line in it."""
    await lines.given(written("a"))
    page = await lines.connect()
    await page.subscribe(SESSION)
    return page
