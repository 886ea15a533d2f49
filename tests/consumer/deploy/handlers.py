"""What the console does when it is asked."""

from __future__ import annotations

from typing import final

from deploy.v1 import deploy_pb2 as pb
from deploy.v1.deploy_sessionstream import DeployHandlers, DeployPublisher
from sessionstream import Command, Session


@final
class Handlers(DeployHandlers):
    """Deployments that end as soon as their steps are named."""

    async def start_deployment(
        self, command: Command[pb.StartDeployment], session: Session, publisher: DeployPublisher
    ) -> None:
        """Finishes one step after the other."""
        asked = command.payload
        started = pb.DeploymentStarted(deployment_id=asked.deployment_id, steps=asked.steps)
        await publisher.deployment_started(started)
        for step in asked.steps:
            await publisher.publish(pb.StepFinished(deployment_id=asked.deployment_id, step=step))
        await publisher.deployment_ended(pb.DeploymentEnded(deployment_id=asked.deployment_id))

    async def abort_deployment(
        self, command: Command[pb.AbortDeployment], session: Session, publisher: DeployPublisher
    ) -> None:
        """Ends the deployment; what is still open stays open."""
        asked = command.payload
        ended = pb.DeploymentEnded(deployment_id=asked.deployment_id, reason=asked.reason)
        await publisher.deployment_ended(ended)
