"""Runs one deployment and prints how it ended."""

import asyncio

from deploy.handlers import Handlers
from deploy.projections import Live, Stored
from deploy.v1 import deploy_pb2 as pb
from deploy.v1 import deploy_sessionstream as deploy
from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore


async def main() -> None:
    """Submits a command and reads the timeline that came of it."""
    registry = SchemaRegistry()
    deploy.register_schemas(registry)
    async with MemoryStore() as store, Hub(registry, store=store) as hub:
        deploy.install(hub, handlers=Handlers(), ui=Live(), timeline=Stored())
        command = pb.StartDeployment(deployment_id="d-1", steps=["build", "ship"])
        await deploy.DeployClient(hub).start_deployment("console", command)
        for entity in (await hub.snapshot("console")).entities:
            if isinstance(entity.payload, pb.Deployment):
                state = pb.DeploymentState.Name(entity.payload.state)
                print(f"deployment {entity.id}: {state}")


asyncio.run(main())
