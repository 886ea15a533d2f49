"""P5: who resumes gets every later UI event exactly once, or is told to load a snapshot."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import (
    Event,
    Hub,
    HydrationStore,
    Retention,
    Session,
    TimelineView,
    UIBatch,
    UIEvent,
)
from sessionstream.hydration.memory import MemoryStore
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.fakes import RecordingFeed
from tests.runtime.app import Growing, make_registry, say, settled, shown, text, text_of

RETENTION = Retention(ui_batches=8)


def show(event: Event[Message], session: Session, view: TimelineView) -> Sequence[UIEvent[Message]]:
    """One UI event or two, or none."""
    value = text_of(event.payload)
    return [] if value == "hush" else [shown(value)] * (1 + event.ordinal % 2)


class Consumer:
    """Shows a session as a client does, over what the transport asks of a Hub.

    ``seen`` has the ordinals of all batches since it loaded its last snapshot,
    at ``loaded``.
    """

    def __init__(self) -> None:
        self.feed = RecordingFeed()
        self.epoch = ""
        self.cursor = self.loaded = 0
        self.seen: list[int] = []
        self.taken = self.snapshots = 0

    async def connect(self, hub: Hub) -> None:
        """Joins first, so that nothing falls between what it reads and what it gets."""
        self.feed, self.taken = RecordingFeed(), 0
        hub.add_feed(self.feed)
        position = await hub.position("s")
        if position.epoch != self.epoch or not await self.replay(hub):
            await self.load(hub)

    @property
    def is_up_to_date(self) -> bool:
        """Whether it has taken all that it was fed."""
        return self.taken == len(self.feed.received.get("s", []))

    def stop(self, hub: Hub) -> None:
        """Forgets what it did not come to."""
        hub.remove_feed(self.feed)

    async def replay(self, hub: Hub) -> bool:
        while True:
            history = await hub.history("s", self.cursor, limit=3)
            if history.position.epoch != self.epoch or not history.reaches_back:
                return False
            if not history.batches:
                return True
            for batch in history.batches:
                self.apply(batch)

    async def load(self, hub: Hub) -> None:
        opened = await hub.opened("s")
        self.epoch = opened.position.epoch
        self.cursor = self.loaded = opened.snapshot.snapshot_ordinal
        self.seen = []
        self.snapshots += 1

    async def read(self, hub: Hub, count: int) -> None:
        """Takes up to so many items of what it was fed."""
        for item in self.feed.received.get("s", [])[self.taken : self.taken + count]:
            self.taken += 1
            if item is None:
                await self.load(hub)
            elif item.epoch == self.epoch:
                self.apply(item)

    def apply(self, batch: UIBatch) -> None:
        if not batch.ordinal or batch.ordinal <= self.cursor:
            return
        assert batch.previous_ordinal <= self.cursor, "a gap"
        self.seen.append(batch.ordinal)
        self.cursor = batch.ordinal


class World:
    """A Hub that can be restarted, and all that it ever delivered."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.registry = make_registry()
        self.memory = MemoryStore(retention=RETENTION)
        self.witness = RecordingFeed()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        async with self.store() as store, Hub(self.registry, store=store) as hub:
            hub.register_ui_projection(show)
            hub.register_timeline_projection(Growing())
            hub.add_feed(self.witness)
            yield hub

    @asynccontextmanager
    async def store(self) -> AsyncIterator[HydrationStore]:
        if self.folder is None:
            yield self.memory
        else:
            path = self.folder / "store.db"
            async with SQLiteStore.open(
                path, self.registry, durability="normal", retention=RETENTION
            ) as store:
                yield store

    def delivered(self, epoch: str, after: int) -> list[int]:
        """The ordinals of all batches of that life of the session, above an ordinal."""
        return [
            batch.ordinal
            for batch in self.witness.batches("s")
            if batch.epoch == epoch and batch.ordinal > after
        ]

    def check(self, consumer: Consumer) -> None:
        """The consumer saw every batch up to its cursor exactly once, in order."""
        delivered = self.delivered(consumer.epoch, consumer.loaded)
        assert consumer.seen == [each for each in delivered if each <= consumer.cursor]


async def publish(hub: Hub, values: Sequence[str]) -> None:
    for value in values:
        if value == "blink":
            await hub.publish("s", "Blinked", text(value))
        else:
            await say(hub, value)


VALUES = st.lists(st.sampled_from(["a", "b", "hush", "blink"]), max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), VALUES),
        st.tuples(st.just("read"), st.integers(0, 5)),
        st.tuples(st.just("resume"), VALUES),
        st.tuples(st.just("stop"), st.just(0)),
        st.tuples(st.sampled_from(["rebuild", "delete"]), st.just(0)),
    ),
    max_size=12,
)
LIVES = st.lists(STEPS, min_size=1, max_size=3)


async def live(world: World, consumer: Consumer, steps: Sequence[tuple[str, object]]) -> None:
    """Does the steps between one start of the Hub and its end."""
    async with world.running() as hub:
        connected = False
        for step, argument in steps:
            match step, argument:
                case "publish", list():
                    await publish(hub, argument)
                case "read", int() if connected:
                    await consumer.read(hub, argument)
                case "resume", list() if not connected:
                    connected = True
                    await asyncio.gather(consumer.connect(hub), publish(hub, argument))
                case "stop", _ if connected:
                    connected = False
                    consumer.stop(hub)
                case "rebuild", _:
                    await hub.rebuild_timeline("s")
                case "delete", _:
                    await hub.delete_session("s")
            await settled()
            world.check(consumer)
            if connected and consumer.is_up_to_date:
                assert consumer.epoch == (await hub.position("s")).epoch
        if connected:
            consumer.stop(hub)


@pytest.mark.parametrize("durable", [False, True])
@given(lives=LIVES)
async def test_p5_a_consumer_that_stops_anywhere_and_resumes_gets_every_later_batch_once(
    durable: bool, lives: list[list[tuple[str, object]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world, consumer = World(Path(folder) if durable else None), Consumer()
        for steps in lives:
            await live(world, consumer, steps)
        async with world.running() as hub:
            await consumer.connect(hub)
            await consumer.read(hub, 1000)
            world.check(consumer)
            position = await hub.position("s")
            assert (consumer.epoch, consumer.cursor >= position.shown) == (position.epoch, True)


@pytest.mark.parametrize("durable", [False, True])
async def test_p5_a_restart_needs_no_snapshot_while_the_history_reaches_back(
    durable: bool, tmp_path: Path
) -> None:
    world, consumer = World(tmp_path if durable else None), Consumer()
    async with world.running() as hub:
        await consumer.connect(hub)
        await publish(hub, "abc")
        await settled()
        await consumer.read(hub, 2)
        consumer.stop(hub)
    async with world.running() as hub:
        await publish(hub, "de")
        await consumer.connect(hub)
    assert (consumer.seen, consumer.snapshots) == ([1, 2, 3, 4, 5], 1)


@pytest.mark.parametrize("durable", [False, True])
async def test_p5_beyond_the_history_there_is_a_snapshot(durable: bool, tmp_path: Path) -> None:
    world, consumer = World(tmp_path if durable else None), Consumer()
    async with world.running() as hub:
        await publish(hub, "a")
        await consumer.connect(hub)
        consumer.stop(hub)
        await publish(hub, "b" * 20)
        await consumer.connect(hub)
    assert (consumer.loaded, consumer.snapshots) == (21, 2)
