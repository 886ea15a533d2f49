"""The reference in memory: both projections, called one event after the other, and no more.

What a Hub adds to it is what order, checks, copies and tasks cost.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from google.protobuf.message import Message

from benchmarks.runtime.application import install, registry
from benchmarks.runtime.conversation import Step
from sessionstream import Event, Hub, TimelineEntity, override
from sessionstream.projection import (
    AnyTimelineProjection,
    AnyUIProjection,
    TimelineProjectionFunction,
    UIProjectionFunction,
)

LABEL = "the projections alone"
SESSION = "session"


async def project(steps: Sequence[Step]) -> float:
    """Calls both projections for each step of one session; returns events/s."""
    async with _Collecting(registry()) as hub:
        install(hub)
        session = await hub.session(SESSION)
        view = _View()
        start = time.perf_counter()
        for view.ordinal, step in enumerate(steps):
            event = Event[Message](
                session_id=SESSION,
                name=step.name,
                ordinal=view.ordinal + 1,
                payload=step.payload,
            )
            list(hub.ui(event, session, view))
            view.put(hub.timeline(event, session, view))
        return len(steps) / (time.perf_counter() - start)


class _View:
    """A timeline that hands out copies."""

    def __init__(self) -> None:
        self.ordinal = 0
        self._entities: dict[tuple[str, str], TimelineEntity[Message]] = {}

    def put(self, entities: Iterable[TimelineEntity[Message]]) -> None:
        """Takes what the timeline projection gave."""
        self._entities.update(((entity.kind, entity.id), entity) for entity in entities)

    def get(self, kind: str, entity_id: str, /) -> TimelineEntity[Message] | None:
        """Returns a copy of the entity."""
        found = self._entities.get((kind, entity_id))
        return None if found is None else _copy(found)

    def list(self, kind: str | None = None) -> list[TimelineEntity[Message]]:
        """Returns copies of the entities."""
        return [_copy(one) for one in self._entities.values() if kind in (None, one.kind)]


def _copy(entity: TimelineEntity[Message]) -> TimelineEntity[Message]:
    assert entity.payload is not None  # the chat removes nothing
    payload = type(entity.payload)()
    payload.CopyFrom(entity.payload)
    return TimelineEntity(kind=entity.kind, id=entity.id, payload=payload)


class _Collecting(Hub):
    """Is given the projections as any Hub is, and lets them be called from outside."""

    ui: UIProjectionFunction
    timeline: TimelineProjectionFunction

    @override
    def register_ui_projection(self, projection: AnyUIProjection) -> None:
        """Keeps the projection."""
        self.ui = projection if callable(projection) else projection.project

    @override
    def register_timeline_projection(
        self, projection: AnyTimelineProjection, name: str | None = None
    ) -> None:
        """Keeps the projection."""
        self.timeline = projection if callable(projection) else projection.project
