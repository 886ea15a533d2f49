"""`crash_child` with sessions that end and errors that are recorded.

Usage: crash_endings.py FILE RUN

Prints besides ``closed SESSION 1`` when a session was closed, and ``reopened
SESSION 2`` when one was published to again after that.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Hub, UIEvent
from tests.promises.crash_child import Publishing, opened, start, tell


class Failing:
    """A fan-out whose failures are recorded."""

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        if ordinal % 5 == 0:
            raise ConnectionError("nobody is there")


async def end_sessions_for_ever(hub: Hub, run: str) -> None:
    """Closes sessions that nobody else uses, and publishes to every second one once more."""
    number = 0
    while True:
        number += 1
        session_id = f"ended-{run}-{number}"
        await hub.publish(session_id, "Added", Int64Value(value=1))
        await hub.close_session(session_id)
        tell("closed", session_id, 1)

        session_id = f"back-{run}-{number}"
        await hub.publish(session_id, "Added", Int64Value(value=1))
        await hub.close_session(session_id)
        await hub.publish(session_id, "Added", Int64Value(value=1))
        tell("reopened", session_id, 2)


async def main(path: str, run: str) -> None:
    async with opened(path) as hub:
        hub.add_fanout(Failing())
        async with asyncio.TaskGroup() as group:
            group.create_task(end_sessions_for_ever(hub, run))
            group.create_task(Publishing(hub).for_ever())


if __name__ == "__main__":
    start()
    asyncio.run(main(*sys.argv[1:]))
