from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from sessionstream import Hub, HydrationStore, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import GatedStore, RecordingFanout, RecordingObserver
from tests.runtime.app import Lines, Shows, make_registry


@pytest.fixture
def registry() -> SchemaRegistry:
    return make_registry()


@pytest.fixture
def fanout() -> RecordingFanout:
    return RecordingFanout()


@pytest.fixture
def observer() -> RecordingObserver:
    return RecordingObserver()


@pytest.fixture
def timeline() -> Lines:
    return Lines()


@pytest.fixture
def ui() -> Shows:
    return Shows()


@pytest.fixture
def gated() -> GatedStore:
    return GatedStore(MemoryStore())


@pytest.fixture(params=["memory", "sqlite"])
def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, registry: SchemaRegistry
) -> Callable[[], AbstractAsyncContextManager[HydrationStore]]:
    """Opens one and the same store, again and again."""
    memory = MemoryStore()

    @asynccontextmanager
    async def opened() -> AsyncIterator[HydrationStore]:
        if request.param == "memory":
            yield memory
        else:
            path = tmp_path / "store.db"
            async with SQLiteStore.open(path, registry, durability="normal") as store:
                yield store

    return opened


@pytest.fixture
async def store(
    open_store: Callable[[], AbstractAsyncContextManager[HydrationStore]],
) -> AsyncIterator[HydrationStore]:
    async with open_store() as opened:
        yield opened


@pytest.fixture
def hub(
    registry: SchemaRegistry,
    store: HydrationStore,
    fanout: RecordingFanout,
    timeline: Lines,
    ui: Shows,
) -> Hub:
    """A Hub with both projections; a module that needs another has its own."""
    hub = Hub(registry, store=store, fanout=fanout)
    hub.register_timeline_projection(timeline)
    hub.register_ui_projection(ui)
    return hub
