"""A server in memory that a test plays: it hears and says frames, connection by connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from google.protobuf import json_format
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream.client import ClientSettings
from sessionstream.client.wire import Closed
from sessionstream.v1 import transport_pb2 as pb
from tests.client.model_server import encoded, hello, packed

# Short, so that nobody waits: a server that is silent is given up at once.
SETTINGS = ClientSettings(backoff_base=0.001, backoff_limit=0.002)


class ScriptedConnection:
    """One connection: a `Wire` for the client, and the server's end of it."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.is_closed = asyncio.Event()
        self._to_client: asyncio.Queue[str | bytes | Closed] = asyncio.Queue()
        self._to_server: asyncio.Queue[pb.ClientFrame] = asyncio.Queue()

    # -- the client's end -----------------------------------------------------------

    async def receive(self) -> str | bytes | Closed:
        return await self._to_client.get()

    async def send(self, data: str | bytes) -> None:
        assert isinstance(data, str)
        self._to_server.put_nowait(json_format.Parse(data, pb.ClientFrame()))

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self.is_closed.set()
        self._to_client.put_nowait(Closed(1006, ""))

    # -- the server's end ---------------------------------------------------------------

    def say(self, *frames: pb.ServerFrame) -> None:
        for frame in frames:
            self._to_client.put_nowait(encoded(frame))

    def say_text(self, text: str) -> None:
        self._to_client.put_nowait(text)

    def end(self, code: int, reason: str = "") -> None:
        self._to_client.put_nowait(Closed(code, reason))

    async def hear(self, kind: str) -> pb.ClientFrame:
        frame = await self.hear_any()
        assert frame.WhichOneof("frame") == kind, frame
        return frame

    async def hear_any(self) -> pb.ClientFrame:
        return await self._to_server.get()

    def has_heard(self) -> bool:
        return not self._to_server.empty()

    def acknowledge(
        self,
        request: pb.CommandRequest,
        status: pb.CommandAckFrame.Status.ValueType,
        code: str = "",
        message: str = "",
        head: int = 0,
    ) -> None:
        ack = pb.CommandAckFrame(
            request_id=request.request_id,
            command_id=request.command_id,
            session_id=request.session_id,
            status=status,
            code=code,
            message=message,
            head_ordinal=head,
        )
        self.say(pb.ServerFrame(command_ack=ack))


class ScriptedServer:
    """Gives out connections; ``dial`` is what a client opens them with.

    ``refusals`` are raised first, one by one, instead.
    """

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)
        self.dialled = 0
        self.greets: Callable[[], pb.ServerFrame] = hello
        self._accepted: asyncio.Queue[ScriptedConnection] = asyncio.Queue()

    async def dial(
        self, url: str, token: str | None, settings: ClientSettings
    ) -> ScriptedConnection:
        self.dialled += 1
        if self.refusals:
            raise self.refusals.pop(0)
        connection = ScriptedConnection(token)
        connection.say(self.greets())
        self._accepted.put_nowait(connection)
        return connection

    async def accept(self) -> ScriptedConnection:
        return await self._accepted.get()


def text(value: str) -> StringValue:
    return StringValue(value=value)


__all__ = ["SETTINGS", "ScriptedConnection", "ScriptedServer", "packed", "text"]
