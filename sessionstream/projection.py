"""Projections: pure functions from an event to UI events, or to timeline entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Union

from google.protobuf.message import Message

from sessionstream.types import Event, Session, TimelineEntity, UIEvent


class TimelineView(Protocol):
    """A read-only view of a session's timeline, as it stood before the event.

    What it hands out are copies. It is valid during the call that received it.
    """

    @property
    def ordinal(self) -> int:
        """The ordinal of the last event that is in the timeline; 0 before the first."""

    def get(self, kind: str, entity_id: str, /) -> TimelineEntity[Message] | None:
        """Returns the entity, or None where there is none."""

    def list(self, kind: str | None = None) -> list[TimelineEntity[Message]]:
        """Returns the entities of a kind, or all, in the order of a snapshot."""


class UIProjection(Protocol):
    """Derives live UI events. Plain, not a coroutine; must not do I/O."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[UIEvent[Message]]:
        """Returns the UI events of one event; often none."""


class TimelineProjection(Protocol):
    """Derives durable entities. Pure: a rebuild must give the same timeline."""

    def project(
        self, event: Event[Message], session: Session, view: TimelineView
    ) -> Iterable[TimelineEntity[Message]]:
        """Returns the entities that the event changes, whole, or their tombstones."""


UIProjectionFunction = Callable[[Event[Message], Session, TimelineView], Iterable[UIEvent[Message]]]
TimelineProjectionFunction = Callable[
    [Event[Message], Session, TimelineView], Iterable[TimelineEntity[Message]]
]
AnyUIProjection = Union[UIProjection, UIProjectionFunction]
AnyTimelineProjection = Union[TimelineProjection, TimelineProjectionFunction]


STORED_NAME = "__sessionstream_name__"
"""The attribute of a timeline projection that says what a store calls it, if it has one."""


class Projector(StrEnum):
    """The two kinds of projection; each has a cursor of its own in every session."""

    UI = "ui"
    TIMELINE = "timeline"


class ProjectionPolicy(StrEnum):
    """What happens when a projection fails on an event. The event is stored either way.

    ``FAIL`` records the error, raises it to the publisher and holds the
    projection back; the next publish first catches up, in order. ``ADVANCE``
    records the error and moves on.
    """

    FAIL = "fail"
    ADVANCE = "advance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionPolicies:
    """The policy of each kind of projection."""

    ui: ProjectionPolicy = ProjectionPolicy.FAIL
    timeline: ProjectionPolicy = ProjectionPolicy.FAIL

    def __post_init__(self) -> None:
        # A policy from a file of settings is a string, and is compared by identity later.
        object.__setattr__(self, "ui", ProjectionPolicy(self.ui))
        object.__setattr__(self, "timeline", ProjectionPolicy(self.timeline))
