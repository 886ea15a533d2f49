"""P1 as a client sees it: a snapshot, then every later event, in order and once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.hub import Hub
from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.rooms import Rooms

Connect = Callable[[Rooms], Awaitable[MemoryWire]]

PUBLISHERS, EACH = 8, 50
TOTAL = PUBLISHERS * EACH


async def publish(hub: Hub) -> None:
    for _ in range(EACH):
        await hub.publish("s", "Said", StringValue(value="x"))


async def follow(wire: MemoryWire) -> list[int]:
    """Subscribes and reads to the last event; the snapshot's ordinal and those that followed."""
    wire.say('{"subscribe":{"sessionId":"s"}}')
    ordinals: list[int] = []
    is_live = False
    while not is_live or ordinals[-1] < TOTAL:
        (kind, body), *_ = json.loads(await wire.hear()).items()
        if kind == "subscribed":
            is_live = True
        else:
            ordinals.append(int(body.get("snapshotOrdinal", body.get("eventOrdinal", 0))))
    return ordinals


class TestP1Order:
    async def test_clients_that_come_at_any_time_miss_nothing_while_many_publish(
        self, hub: Hub, connect: Connect
    ) -> None:
        async with Rooms(hub) as rooms, asyncio.TaskGroup() as group:
            publishers = [group.create_task(publish(hub)) for _ in range(PUBLISHERS)]
            followers = []
            while not all(publisher.done() for publisher in publishers):
                followers.append(group.create_task(follow(await connect(rooms))))
            followers.append(group.create_task(follow(await connect(rooms))))
            for follower in followers:
                first, *others = await follower
                assert others == list(range(first + 1, TOTAL + 1))
        assert len({follower.result()[0] for follower in followers}) > 2, "they came at any time"
