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

SESSIONS = 8
TASKS_PER_SESSION = 2


def tell(kind: str, session_id: str, ordinal: int) -> None:
    os.write(1, f"{kind} {session_id} {ordinal}\n".encode())


class Telling:
    """A fan-out that says what a client would have seen."""

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        tell("ui", session_id, ordinal)


async def publish_for_ever(hub: Hub, session_id: str) -> None:
    while True:
        event = await hub.publish(session_id, "Added", Int64Value(value=1))
        tell("ack", session_id, event.ordinal)


async def main(path: str) -> None:
    registry = counter.registry()
    async with SQLiteStore.open(path, registry) as store, Hub(registry, store=store) as hub:
        counter.install(hub)
        hub.add_fanout(Telling())
        async with asyncio.TaskGroup() as group:
            for index in range(SESSIONS * TASKS_PER_SESSION):
                group.create_task(publish_for_ever(hub, f"session-{index % SESSIONS}"))


asyncio.run(main(sys.argv[1]))
