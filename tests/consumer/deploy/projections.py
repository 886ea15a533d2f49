"""What watchers see live, and what is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from deploy.v1 import deploy_pb2 as pb
from deploy.v1.deploy_sessionstream import (
    DeployEntities,
    DeployEntity,
    DeployTimelineProjection,
    DeployTimelineView,
    DeployUI,
    DeployUIEvent,
    DeployUIProjectionPartial,
)
from sessionstream import Event, Session


@final
class Live(DeployUIProjectionPartial):
    """Tells of beginnings and ends; finished steps pass through."""

    def deployment_started(
        self, event: Event[pb.DeploymentStarted], session: Session, view: DeployTimelineView
    ) -> Iterable[DeployUIEvent]:
        """Opens the deployment on every screen."""
        yield DeployUI.deployment_opened(
            pb.DeploymentStatus(
                deployment_id=event.payload.deployment_id, state=pb.DEPLOYMENT_STATE_RUNNING
            )
        )

    def deployment_ended(
        self, event: Event[pb.DeploymentEnded], session: Session, view: DeployTimelineView
    ) -> Iterable[DeployUIEvent]:
        """Closes it."""
        ended = event.payload
        status = pb.DeploymentStatus(deployment_id=ended.deployment_id, state=end_state(ended))
        yield DeployUI.deployment_closed(status)


@final
class Stored(DeployTimelineProjection):
    """Keeps one entity for each deployment."""

    def deployment_started(
        self, event: Event[pb.DeploymentStarted], session: Session, view: DeployTimelineView
    ) -> Iterable[DeployEntity]:
        """Begins with every step open."""
        started = event.payload
        yield DeployEntities.deployment(
            pb.Deployment(
                deployment_id=started.deployment_id,
                state=pb.DEPLOYMENT_STATE_RUNNING,
                open_steps=started.steps,
            )
        )

    def step_finished(
        self, event: Event[pb.StepFinished], session: Session, view: DeployTimelineView
    ) -> Iterable[DeployEntity]:
        """Takes the step off the list."""
        deployment = view.deployment.get(event.payload.deployment_id)
        if deployment is not None and event.payload.step in deployment.open_steps:
            deployment.open_steps.remove(event.payload.step)
            yield DeployEntities.deployment(deployment)

    def deployment_ended(
        self, event: Event[pb.DeploymentEnded], session: Session, view: DeployTimelineView
    ) -> Iterable[DeployEntity]:
        """Keeps how it ended."""
        deployment = view.deployment.get(event.payload.deployment_id)
        if deployment is not None:
            deployment.state = end_state(event.payload)
            yield DeployEntities.deployment(deployment)


def end_state(ended: pb.DeploymentEnded) -> pb.DeploymentState.ValueType:
    """Returns the state of a deployment that ended: one with a reason was aborted."""
    return pb.DEPLOYMENT_STATE_ABORTED if ended.reason else pb.DEPLOYMENT_STATE_DONE
