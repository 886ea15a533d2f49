"""Publishes without end into the store that it is given, until it is killed.

Usage: crash_child.py FILE [MAX_BYTES]

Prints ``start`` before it opens the store, ``ack SESSION ORDINAL`` when a
publish has returned, ``ui SESSION ORDINAL`` when a subscriber was shown an
event, and ``full SESSION ORDINAL`` when a publish met a full disk, with the
ordinal of the snapshot that could be read nevertheless. Each line is one
write, so that what was printed before the kill has arrived.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Event, Hub, StoreFullError, UIEvent
from sessionstream.hydration.sqlite import SQLiteStore
from tests.promises import crash_app

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


class Publishing:
    """Publishes to all sessions, and goes on where the disk is full."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._acknowledged = dict.fromkeys(SESSION_IDS, 0)

    async def for_ever(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._to_all_for_ever())
            for session_id in SESSION_IDS * TASKS_PER_SESSION:
                group.create_task(self._to_one_for_ever(session_id))

    async def _to_one_for_ever(self, session_id: str) -> None:
        """One event, then three in one commit, and so on."""
        three = [("Added", Int64Value(value=value)) for value in (2, 3, 4)]
        while True:
            try:
                one = await self._hub.publish(session_id, "Added", Int64Value(value=1))
                self._acknowledge(one)
                self._acknowledge(*await self._hub.publish_all(session_id, three))
            except StoreFullError:
                await self._read(session_id)

    async def _to_all_for_ever(self) -> None:
        """One event in all sessions, in one transaction; its value is told apart from others."""
        to_all = Int64Value(value=TO_ALL)
        while True:
            try:
                self._acknowledge(*await self._hub.publish_to(SESSION_IDS, "Added", to_all))
            except StoreFullError:
                await self._read(SESSION_IDS[0])

    def _acknowledge(self, *events: Event[Message]) -> None:
        for event in events:
            self._acknowledged[event.session_id] = event.ordinal
            tell("ack", event.session_id, event.ordinal)

    async def _read(self, session_id: str) -> None:
        acknowledged = self._acknowledged[session_id]
        snapshot = await self._hub.snapshot(session_id)
        crash_app.check_whole(snapshot)
        assert snapshot.snapshot_ordinal >= acknowledged
        tell("full", session_id, snapshot.snapshot_ordinal)


@asynccontextmanager
async def opened(path: str, max_bytes: int | None = None) -> AsyncIterator[Hub]:
    registry = crash_app.registry()
    opening = SQLiteStore.open(path, registry, max_bytes=max_bytes)
    async with opening as store, Hub(registry, store=store) as hub:
        crash_app.install(hub)
        hub.add_fanout(Telling())
        yield hub


async def main(path: str, max_bytes: int | None = None) -> None:
    async with opened(path, max_bytes) as hub:
        await Publishing(hub).for_ever()


def start() -> None:
    # What is logged of a full disk would drown why a child ended by itself.
    logging.disable()
    tell("start", "-", 0)


if __name__ == "__main__":
    start()
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
