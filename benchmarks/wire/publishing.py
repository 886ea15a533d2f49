"""A server's side of the measurements: events at a rate, or as fast as they go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.wire.orders import Flood, Pace
from benchmarks.wire.stamps import stamp

# Sessions that publish at once, each one event after the other.
_PUBLISHERS = 32

Publish = Callable[[str, str], Awaitable[None]]
"""Publishes an event with a text into a session; returns when it has been taken."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is listening."""

    port: int
    publish: Publish


class Credit:
    """How many frames may still be sent before some have been read."""

    def __init__(self) -> None:
        self._left = 0
        self._granted = asyncio.Event()

    def grant(self, frames: int) -> None:
        """Lets so many more be sent."""
        self._left += frames
        self._granted.set()

    def reset(self, frames: int) -> None:
        """Forgets what was, and lets so many be sent."""
        self._left = frames

    async def take(self, frames: int) -> None:
        """Returns once so many may be sent."""
        while self._left < frames:
            self._granted.clear()
            await self._granted.wait()
        self._left -= frames


async def flood(order: Flood, publish: Publish, credit: Credit) -> int:
    """Publishes into all sessions in turn until the time is over; returns how many events."""
    credit.reset(order.window)
    plan = order.plan
    until = time.monotonic() + order.seconds
    counts = [0] * min(plan.sessions, _PUBLISHERS)

    async def run(first: int) -> None:
        turn = first
        while time.monotonic() < until:
            await credit.take(plan.subscribers_each)
            await publish(plan.session(turn), stamp())
            counts[first] += 1
            # The sessions of one publisher are those of the same remainder.
            turn += len(counts)
            if turn >= plan.sessions:
                turn = first

    async with asyncio.TaskGroup() as group:
        for first in range(len(counts)):
            group.create_task(run(first))
    return sum(counts)


async def pace(order: Pace, publish: Publish) -> int:
    """Publishes at even intervals; one that takes longer delays no later one."""
    due = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(order.events):
            due += 1 / order.per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(_publish(publish, order.plan.session(number)))
    return order.events


async def _publish(publish: Publish, session_id: str) -> None:
    await publish(session_id, stamp())
