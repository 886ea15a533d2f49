"""Publishers of every kind at once, over a store that fails and callers that leave: whole or not.

The dice are seeded. `SESSIONSTREAM_EXAMPLES` asks for more seeds than the suite tries.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Event,
    Hub,
    ProjectionError,
    SchemaRegistry,
    Session,
    StoreError,
    StoreFullError,
    TimelineEntity,
    TimelineView,
    WriteBehind,
)
from sessionstream.hydration.base import CommitBatch
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.fakes import RecordingFanout
from tests.runtime.app import Shows, line, lines, text, text_of

SEEDS = range(int(os.environ.get("SESSIONSTREAM_EXAMPLES", "40")))
SESSIONS = ("a", "b", "c", "d")
CALLS = 120


class FailingStore(MemoryStore):
    """Takes its time for some commits, and refuses others."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self.refuses = 0.1

    async def commit(self, batch: CommitBatch) -> None:
        for _ in range(self._dice.randrange(3)):
            await asyncio.sleep(0)
        if self._dice.random() < self.refuses:
            raise StoreFullError("memory", "no space")
        await super().commit(batch)


class Counting:
    """Counts the events of a session; fails on some of them, now and then."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> list[TimelineEntity[Message]]:
        if text_of(event.payload).endswith("!") and self._dice.random() < 0.5:  # noqa: SV201
            raise ValueError("no")
        before = view.get("Line", "count")
        count = 0 if before is None else int(text_of(before.payload))
        return [line("count", str(count + 1))]


@dataclass
class Call:
    """One call of a publisher, and what came of it."""

    tag: str
    sessions: list[str]
    # How many events it puts into each of them.
    count: int
    returned: bool = False
    refused: bool = False


@dataclass
class Publishers:
    hub: Hub
    dice: random.Random
    calls: list[Call] = field(default_factory=list)

    async def run(self) -> None:
        running: list[asyncio.Task[None]] = []
        for number in range(CALLS):
            call = self._next(number)
            self.calls.append(call)
            running.append(asyncio.create_task(self._make(call)))
            for _ in range(self.dice.randrange(4)):
                await asyncio.sleep(0)
            if self.dice.random() < 0.3:
                self.dice.choice(running).cancel()
        ends = await asyncio.gather(*running, return_exceptions=True)
        assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}

    def _next(self, number: int) -> Call:
        tag = f"{number}!" if self.dice.random() < 0.1 else str(number)
        sessions = self.dice.sample(SESSIONS, self.dice.choice((1, 1, 2, 3, 4)))
        return Call(tag, sessions, 1 if len(sessions) > 1 else self.dice.randint(1, 4))

    async def _make(self, call: Call) -> None:
        try:
            await self._publish(call)
        except ProjectionError:  # what it is about is stored
            call.returned = True
        except StoreError:
            call.refused = True
        else:
            call.returned = True

    def _publish(self, call: Call) -> Awaitable[object]:
        payload = text(call.tag)
        if len(call.sessions) > 1:
            return self.hub.publish_to(call.sessions, "Said", payload)
        return self.hub.publish_all(call.sessions[0], [("Said", payload)] * call.count)


@pytest.mark.parametrize("seed", SEEDS)
async def test_each_call_is_stored_as_a_whole_or_not_at_all(
    registry: SchemaRegistry, seed: int
) -> None:
    dice = random.Random(seed)
    store, fanout = FailingStore(dice), RecordingFanout()
    behind = WriteBehind(events=dice.choice((0, 3, 256)))
    hub = Hub(
        registry,
        store=store,
        fanout=fanout,
        write_behind=behind,
        cache_bytes=dice.choice((0, 2**20)),
    )
    async with hub:
        hub.register_ui_projection(Shows())
        hub.register_timeline_projection(Counting(dice))
        publishers = Publishers(hub, dice)
        await publishers.run()
        store.refuses = 0
        stored: Counter[tuple[str, str]] = Counter()
        for session_id in SESSIONS:
            log = await store.events(session_id)
            assert [event.ordinal for event in log] == list(range(1, len(log) + 1))
            stored.update((text_of(event.payload), session_id) for event in log)
            await check_timeline(hub, session_id, len(log))
            assert fanout.ordinals(session_id) == sorted(set(fanout.ordinals(session_id)))
            assert set(fanout.ordinals(session_id)) <= set(range(1, len(log) + 1))
        for call in publishers.calls:
            found = {stored[call.tag, session_id] for session_id in call.sessions}
            assert found in ({0}, {call.count}), call
            assert not (call.returned and found == {0}), call
            assert not (call.refused and found != {0}), call


async def check_timeline(hub: Hub, session_id: str, head: int) -> None:
    while await hub.cursor(session_id) < head:
        with suppress(ProjectionError):
            await hub.retry_timeline(session_id)
    assert lines(await hub.snapshot(session_id)) == ([f"count={head}"] if head else [])
