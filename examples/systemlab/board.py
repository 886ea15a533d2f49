"""A Hub with the board of notes, and what left it: what most exercises run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from google.protobuf.message import Message

from sessionstream import (
    Hub,
    HydrationStore,
    Observer,
    ProjectionPolicies,
    SchemaRegistry,
    StoredEvent,
    UIEvent,
)
from systemlab.notes import Handlers, LiveNotes, StoredNotes
from systemlab.v1 import lab_sessionstream as lab


def lab_registry() -> SchemaRegistry:
    """Returns a registry with everything that lab.proto declares."""
    registry = SchemaRegistry()
    lab.register_schemas(registry)
    return registry


class Told:
    """A fan-out that keeps what pages would be told: (session, ordinal, UI event)."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int, UIEvent[Message]]] = []
        self._more = asyncio.Condition()

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Keeps the batch."""
        async with self._more:
            self.said += [(session_id, ordinal, event) for event in events]
            self._more.notify_all()

    async def catch_up(self, hub: Hub, session_id: str) -> None:
        """Returns when everything that the session has stored for its pages was told.

        Fan-outs follow the commit, so nobody who publishes waits for them. After two
        seconds it gives up: a check will say what is missing.
        """
        history = await hub.history(session_id, 0)
        last = max((batch.ordinal for batch in history.batches), default=0)
        with suppress(TimeoutError):
            async with asyncio.timeout(2), self._more:
                await self._more.wait_for(
                    lambda: any(ordinal >= last for ordinal, _ in self.of(session_id)) or not last
                )

    def of(self, session_id: str) -> list[tuple[int, UIEvent[Message]]]:
        """Returns what the pages of a session were told, each with its event's ordinal."""
        return [(ordinal, event) for told, ordinal, event in self.said if told == session_id]


@asynccontextmanager
async def open_board(
    registry: SchemaRegistry,
    store: HydrationStore,
    *,
    observers: Sequence[Observer] = (),
    ui: lab.LabUIProjection | None = None,
    timeline: lab.LabTimelineProjection | None = None,
    policies: ProjectionPolicies | None = None,
) -> AsyncIterator[Hub]:
    """Opens a Hub with the board's handlers and projections; others replace them if given."""
    policies = ProjectionPolicies() if policies is None else policies
    async with Hub(registry, store=store, policies=policies, observers=observers) as hub:
        lab.install(
            hub,
            handlers=Handlers(),
            ui=LiveNotes() if ui is None else ui,
            timeline=StoredNotes() if timeline is None else timeline,
        )
        yield hub


async def log_of(store: HydrationStore, session_id: str) -> list[StoredEvent]:
    """Returns all events of a session that a store holds."""
    found: list[StoredEvent] = []
    while page := await store.events(session_id, found[-1].ordinal if found else 0):
        found += page
    return found
