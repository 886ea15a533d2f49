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
    ServerFrameError,
    SubscriptionError,
)
from sessionstream.client.frames import Dialect
from sessionstream.client.settings import ClientSettings
from sessionstream.client.state import ConnectionState, StateListener
from sessionstream.client.tokens import Token
from sessionstream.client.wire import Closed, Dial, Refused, Wire
from sessionstream.watching import (
    AnyUpdate,
    AnyWatch,
    ResumePoint,
    SessionClient,
    SnapshotUpdate,
    UIUpdate,
    Update,
    Watch,
)

__all__ = [
    "AccessError",
    "AnyUpdate",
    "AnyWatch",
    "Client",
    "ClientClosedError",
    "ClientError",
    "ClientSettings",
    "Closed",
    "CommandConflictError",
    "CommandError",
    "CommandFailedError",
    "CommandRejectedError",
    "CommandTimeoutError",
    "ConnectError",
    "ConnectionState",
    "Dial",
    "Dialect",
    "Refused",
    "ResumePoint",
    "ServerFrameError",
    "SessionClient",
    "SnapshotUpdate",
    "StateListener",
    "SubscriptionError",
    "Token",
    "UIUpdate",
    "Update",
    "Watch",
    "Wire",
    "connect",
]
