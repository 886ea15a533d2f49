"""Serves one session, in which a command runs, until it is signalled.

Arguments: the path of the store, and how many seconds the Hub lets commands
run when it closes. Prints the port. The command ends when a line comes in.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import (
    Command,
    Event,
    EventPublisher,
    Hub,
    HubClosedError,
    SchemaRegistry,
    Session,
    TimelineView,
    UIEvent,
)
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.transport.ws import serve


def make_registry() -> SchemaRegistry:
    registry = SchemaRegistry()
    registry.register_command("Work", StringValue)
    registry.register_event("Said", StringValue)
    registry.register_ui_event("Shown", StringValue)
    return registry


def show(event: Event[Message], session: Session, view: TimelineView) -> Iterable[UIEvent[Message]]:
    return [UIEvent(name="Shown", payload=event.payload)]


async def work(command: Command[Message], session: Session, publisher: EventPublisher) -> None:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    try:
        while line := await lines.readline():
            await publisher.publish("Said", StringValue(value=line.decode().strip()))
            if line == b"end\n":
                return
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await publisher.publish("Said", StringValue(value="cancelled"))
        raise
    finally:
        transport.close()


async def submit(hub: Hub) -> None:
    try:
        await hub.submit("s", "Work", StringValue())
    except HubClosedError as error:
        print(error, flush=True)


async def main(path: str, seconds: float) -> None:
    registry = make_registry()
    async with (
        SQLiteStore.open(path, registry) as store,
        Hub(registry, store=store, drain_seconds=seconds) as hub,
        asyncio.TaskGroup() as group,
        serve(hub) as server,
    ):
        hub.register_ui_projection(show)
        hub.register_command("Work", work)
        group.create_task(submit(hub))
        print(server.port, flush=True)
        await server.until_signalled()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
