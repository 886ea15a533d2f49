from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sessionstream import HydrationStore, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from tests.promises.counter import registry as counter_registry


@pytest.fixture
def registry() -> SchemaRegistry:
    return counter_registry()


@pytest.fixture(params=["memory", "sqlite"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, registry: SchemaRegistry
) -> AsyncIterator[HydrationStore]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        async with SQLiteStore.open(tmp_path / "store.db", registry) as opened:
            yield opened
