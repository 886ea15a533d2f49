"""A client of a remote server, with the same calls as a Hub.

async with connect("wss://chat.example/ws", registry) as client:
    chat = ChatClient(client)
    await chat.start_inference("session-1", pb.StartInference(prompt="hi"))
    async with chat.watch("session-1") as updates:
        async for update in updates:
            ...
"""

from sessionstream.client.client import Client
from sessionstream.client.connecting import connect
from sessionstream.client.errors import (
    AccessError,
    ClientClosedError,
    ClientError,
    CommandConflictError,
    CommandError,
    CommandFailedError,
    CommandRejectedError,
    CommandTimeoutError,
    ConnectError,
    SubscriptionError,
)
from sessionstream.client.frames import Dialect
from sessionstream.client.settings import ClientSettings
from sessionstream.client.state import ConnectionState
from sessionstream.watching import ResumePoint, SessionClient, SnapshotUpdate, UIUpdate

__all__ = [
    "AccessError",
    "Client",
    "ClientClosedError",
    "ClientError",
    "ClientSettings",
    "CommandConflictError",
    "CommandError",
    "CommandFailedError",
    "CommandRejectedError",
    "CommandTimeoutError",
    "ConnectError",
    "ConnectionState",
    "Dialect",
    "ResumePoint",
    "SessionClient",
    "SnapshotUpdate",
    "SubscriptionError",
    "UIUpdate",
    "connect",
]
