"""The application that is measured: the chat demo's names and both of its projections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chatdemo.engine import EchoEngine
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_sessionstream as chat

from benchmarks.runtime.conversation import Step
from benchmarks.runtime.rounds import Durability
from sessionstream import Hub, HydrationStore, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore

IN_MEMORY = "the Hub in memory"
"""The label of a reference: what it would cost without a file."""


def registry() -> SchemaRegistry:
    """Returns a registry with the chat's names."""
    names = SchemaRegistry()
    chat.register_schemas(names)
    return names


@asynccontextmanager
async def memory_hub() -> AsyncIterator[Hub]:
    """Opens the chat in memory."""
    async with MemoryStore() as store, hub_over(store) as hub:
        yield hub


@asynccontextmanager
async def sqlite_hub(database: Path, durability: Durability = "full") -> AsyncIterator[Hub]:
    """Opens the chat over a file."""
    async with (
        SQLiteStore.open(database, registry(), durability=durability) as store,
        hub_over(store) as hub,
    ):
        yield hub


@asynccontextmanager
async def hub_over(store: HydrationStore) -> AsyncIterator[Hub]:
    """Opens the chat over an open store."""
    async with Hub(registry(), store=store) as hub:
        install(hub)
        yield hub


def install(hub: Hub) -> None:
    """Installs the chat into a Hub."""
    handlers = Handlers(EchoEngine())
    chat.install(hub, handlers=handlers, ui=LiveMessages(), timeline=StoredMessages())


async def publish(hub: Hub, session_id: str, steps: Sequence[Step]) -> None:
    """Publishes the steps one after the other, each once the one before is committed."""
    for step in steps:
        await hub.publish(session_id, step.name, step.payload)


async def publish_at_once(hub: Hub, sessions: int, steps: Sequence[Step]) -> float:
    """Publishes the steps into every session, all sessions at once; returns events/s.

    The first step is published before the clock starts: by then every session
    has been read from the store.
    """
    names = [f"session-{number}" for number in range(sessions)]
    await asyncio.gather(*(publish(hub, name, steps[:1]) for name in names))
    start = time.perf_counter()
    await asyncio.gather(*(publish(hub, name, steps[1:]) for name in names))
    return (len(steps) - 1) * sessions / (time.perf_counter() - start)
