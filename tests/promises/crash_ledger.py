"""What children of the crash loops were told by their Hub, and whether the store keeps to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from google.protobuf.wrappers_pb2 import Int64Value

from sessionstream import Cursors, Hub, Retention, UIBatch
from sessionstream.hydration.sqlite import SQLiteStore
from sessionstream.testing.stores.backend import entities_of, events_of
from tests.promises import counter, crash_app
from tests.promises.crash_child import SESSION_IDS, TO_ALL
from tests.promises.crash_kills import Line


@asynccontextmanager
async def opened(
    path: Path, max_bytes: int | None = None
) -> AsyncIterator[tuple[SQLiteStore, Hub]]:
    """The store after a kill, and a Hub of the same application on it."""
    registry = crash_app.registry()
    async with (
        SQLiteStore.open(path, registry, max_bytes=max_bytes) as store,
        Hub(registry, store=store) as hub,
    ):
        crash_app.install(hub)
        yield store, hub


class Ledger:
    """The highest ordinal of each session of which a child or a Hub here was told.

    ``acknowledged`` has what a publish returned, ``seen`` also what a
    subscriber was shown or a snapshot held. By a clock that jumps UI events
    may be too old at once.
    """

    def __init__(self, *, clock_jumps: bool = False) -> None:
        self._clock_jumps = clock_jumps
        self.acknowledged = dict.fromkeys(SESSION_IDS, 0)
        self.seen = dict.fromkeys(SESSION_IDS, 0)
        self.kinds: set[str] = set()

    def enter(self, lines: Iterable[Line]) -> None:
        """Takes note of what a child has told; lines of other sessions are not its business."""
        for kind, session_id, ordinal in lines:
            self.kinds.add(kind)
            if session_id in self.seen:
                self.seen[session_id] = max(self.seen[session_id], ordinal)
            if kind == "ack" and session_id in self.acknowledged:
                self.acknowledged[session_id] = max(self.acknowledged[session_id], ordinal)

    async def check(self, store: SQLiteStore, hub: Hub) -> None:
        """Fails where the store lacks what was told, or holds anything in part."""
        in_all = {await self._check_session(store, session_id) for session_id in SESSION_IDS}
        assert len(in_all) == 1, "an event is in some of its sessions only"
        # What is stored is looked at before the Hub, which brings it up to date.
        for session_id in SESSION_IDS:
            events = await events_of(store, session_id, limit=1_000_000)
            await self._check_read(hub, session_id, crash_app.fold(events))

    async def publish(self, hub: Hub) -> None:
        """Publishes to every session and takes note of it."""
        for event in await hub.publish_to(SESSION_IDS, "Added", Int64Value(value=TO_ALL)):
            assert event.ordinal > self.seen[event.session_id]
            self.enter([Line("ack", event.session_id, event.ordinal)])

    async def _check_session(self, store: SQLiteStore, session_id: str) -> int:
        """Returns how many of the events are in other sessions as well."""
        events = await events_of(store, session_id, limit=1_000_000)
        head = len(events)
        assert [event.ordinal for event in events] == list(range(1, head + 1))
        assert self.seen[session_id] <= head
        assert self.acknowledged[session_id] <= head
        cursors = await store.cursors(session_id)
        assert (cursors.event, cursors.ui, cursors.shown) == (head, head, head)
        await self._check_ui_events(store, session_id, cursors)
        # The stored timeline may trail the log, and is then that of an earlier event.
        timeline = await entities_of(store, session_id)
        assert crash_app.shown(timeline) == crash_app.fold(events[: cursors.timeline])
        values = [counter.number(event.payload) for event in events]
        # Of three that are one commit there are all or none.
        assert values.count(2) == values.count(3) == values.count(4)
        return values.count(TO_ALL)

    async def _check_ui_events(self, store: SQLiteStore, session_id: str, cursors: Cursors) -> None:
        """Every event has its UI events, but for those that are kept no more; none is without."""
        kept: list[UIBatch] = []
        while page := await store.ui_batches(session_id, kept[-1].ordinal if kept else 0):
            kept += page
        assert self._clock_jumps or len(kept) >= min(cursors.event, Retention().ui_batches)
        first = cursors.event - len(kept) + 1
        for ordinal, batch in enumerate(kept, first):
            assert (batch.previous_ordinal, batch.ordinal) == (ordinal - 1, ordinal)
            assert batch.epoch == cursors.epoch
            assert [counter.number(event.payload) for event in batch.events] == [ordinal]

    async def _check_read(self, hub: Hub, session_id: str, shown: crash_app.Shown) -> None:
        snapshot = await hub.snapshot(session_id)
        crash_app.check_whole(snapshot)
        assert snapshot.snapshot_ordinal >= self.seen[session_id]
        assert crash_app.shown(snapshot.entities) == shown
        for entity in snapshot.entities:
            assert entity.last_event_ordinal == snapshot.snapshot_ordinal
