"""Sends commands with ids without end, until it is killed.

Usage: crash_commands.py FILE FIRST

The ids are numbers from FIRST on, in each session. A command publishes one
event that holds its number. Prints ``start`` before it opens the store,
``accepted SESSION NUMBER`` when a command's record is stored, and ``completed
SESSION NUMBER`` when that of its end is.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Command, EventPublisher, Hub, SchemaRegistry, Session
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.transport.source import Receipt
from tests.promises import counter
from tests.promises.crash_child import start, tell

SESSION_IDS = ("one", "two", "three")


def registry() -> SchemaRegistry:
    names = counter.registry()
    names.register_command("Add", Int64Value)
    return names


async def add(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    await publisher.publish("Added", command.payload)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[SQLiteStore, Hub]]:
    names = registry()
    async with SQLiteStore.open(path, names) as store, Hub(names, store=store) as hub:
        counter.install(hub)
        hub.register_command("Add", add)
        yield store, hub


async def send(hub: Hub, session_id: str, number: int) -> Receipt:
    payload = Int64Value(value=number)
    return await hub.accept(session_id, "Add", payload, command_id=str(number))


async def for_ever(hub: Hub, session_id: str, first: int) -> None:
    number = first
    while True:
        receipt = await send(hub, session_id, number)
        tell("accepted", session_id, number)
        assert receipt.outcome is not None
        await receipt.outcome
        tell("completed", session_id, number)
        number += 1


async def main(path: str, first: int) -> None:
    async with opened(Path(path)) as (_, hub), asyncio.TaskGroup() as group:
        for session_id in SESSION_IDS:
            group.create_task(for_ever(hub, session_id, first))


if __name__ == "__main__":
    start()
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
