"""Publishes without end into the store that it is given, until it is killed.

Prints ``ack SESSION ORDINAL`` when a publish has returned and ``ui SESSION
ORDINAL`` when a subscriber was shown an event; each line is one write, so that
what was printed before the kill has arrived.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Hub, UIEvent
from sessionstream.hydration.sqlite import SQLiteStore
from tests.promises import counter

SESSION_IDS = tuple(f"session-{index}" for index in range(8))
TASKS_PER_SESSION = 2
TO_ALL = 1000


def tell(kind: str, session_id: str, ordinal: int) -> None:
    os.write(1, f"{kind} {session_id} {ordinal}\n".encode())


class Telling:
    """A fan-out that says what a client would have seen."""

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        tell("ui", session_id, ordinal)


async def publish_for_ever(hub: Hub, session_id: str) -> None:
    """One event, then three in one commit, and so on."""
    while True:
        event = await hub.publish(session_id, "Added", Int64Value(value=1))
        tell("ack", session_id, event.ordinal)
        three = [("Added", Int64Value(value=value)) for value in (2, 3, 4)]
        for event in await hub.publish_all(session_id, three):
            tell("ack", session_id, event.ordinal)


async def publish_to_all_for_ever(hub: Hub) -> None:
    """One event in all sessions, in one transaction; its value is told apart from others."""
    while True:
        for event in await hub.publish_to(SESSION_IDS, "Added", Int64Value(value=TO_ALL)):
            tell("ack", event.session_id, event.ordinal)


async def main(path: str) -> None:
    registry = counter.registry()
    async with SQLiteStore.open(path, registry) as store, Hub(registry, store=store) as hub:
        counter.install(hub)
        hub.add_fanout(Telling())
        async with asyncio.TaskGroup() as group:
            group.create_task(publish_to_all_for_ever(hub))
            for session_id in SESSION_IDS * TASKS_PER_SESSION:
                group.create_task(publish_for_ever(hub, session_id))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
