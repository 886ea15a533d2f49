"""Scenarios over the small application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest

from tests.testing.lines import Lines, LinesScenario


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
