"""A Hub that a scenario sees into."""

from __future__ import annotations

from typing import cast

from sessionstream.hub import Hub
from sessionstream.hydration.base import HydrationStore
from sessionstream.projection import (
    AnyTimelineProjection,
    AnyUIProjection,
    ProjectionPolicies,
    Projector,
    TimelineProjectionFunction,
    UIProjectionFunction,
)
from sessionstream.runner import ProjectionRunner
from sessionstream.schema import SchemaRegistry
from sessionstream.sessions import SessionMetadata
from sessionstream.testing.scenarios.purity import Projections
from sessionstream.testing.scenarios.recording import Recording
from sessionstream.trailing import WriteBehind

__tracebackhide__ = True  # pytest shows the line of the test instead


class ScenarioHub(Hub):
    """A Hub that is recorded, and whose projections are remembered."""

    def __init__(
        self,
        store: HydrationStore,
        recording: Recording,
        policies: ProjectionPolicies,
        session_metadata: SessionMetadata | None,
    ) -> None:
        super().__init__(
            SchemaRegistry(),
            store=store,
            fanout=recording,
            policies=policies,
            session_metadata=session_metadata,
            observers=[recording.observe],
            # The stored entities are what a step changes: none may trail.
            write_behind=WriteBehind(events=0),
        )
        self.projections = Projections()
        super().register_ui_projection(recording)

    def register_ui_projection(self, projection: AnyUIProjection) -> None:
        """Adds a UI projection, as every Hub does."""
        ProjectionRunner(self.registry).add_ui(projection)  # raises what the Hub would raise
        # What was not refused has `project`, or is a function of its shape.
        project = cast(UIProjectionFunction, getattr(projection, "project", projection))
        remembered = self.projections.remembered(Projector.UI, projection, project)
        super().register_ui_projection(remembered)

    def register_timeline_projection(
        self, projection: AnyTimelineProjection, name: str | None = None
    ) -> None:
        """Adds a timeline projection, as every Hub does."""
        ProjectionRunner(self.registry).add_timeline(projection, name)
        # What was not refused has `project`, or is a function of its shape.
        project = cast(TimelineProjectionFunction, getattr(projection, "project", projection))
        remembered = self.projections.remembered(Projector.TIMELINE, projection, project)
        super().register_timeline_projection(remembered, name)
