"""A client over real sockets that comes back after every end, and checks P5 by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.wire.mirror import Mirror

SUBPROTOCOL = Subprotocol("sessionstream.v2.json")
_PAUSE = 0.02


class Watcher:
    """Watches one session through one port; may send commands until each has an outcome.

    Attributes:
        mirror: What it knows of the session.
        completed: The values of the commands of which it was told that they are completed.
    """

    def __init__(self, session_id: str, port: Callable[[], int]) -> None:
        self.mirror = Mirror(session_id)
        self.completed: set[str] = set()
        self.connections = 0
        self._port = port
        self._todo: dict[str, str] = {}
        self._accepted: set[str] = set()
        self._client: ClientConnection | None = None

    async def run(self) -> None:
        """Watches until it is cancelled."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._connection()
            await asyncio.sleep(_PAUSE)

    async def command(self, command_id: str, value: str) -> None:
        """Has the command ``Put`` run; it is sent again after every connection that ends."""
        self._todo[command_id] = value
        if self._client is not None:
            with suppress(WebSocketException):
                await self._send(command_id, value)

    def is_done(self) -> bool:
        """Whether every command has its outcome."""
        return not self._todo

    async def _connection(self) -> None:
        url = f"ws://127.0.0.1:{self._port()}/ws"
        async with connect(
            url,
            subprotocols=[SUBPROTOCOL],
            open_timeout=2,
            close_timeout=0.1,
            ping_interval=0.2,
            ping_timeout=0.4,
            compression=None,
            max_size=None,
        ) as client:
            self.connections += 1
            await client.send(json.dumps(self.mirror.subscribe()))
            for command_id, value in tuple(self._todo.items()):
                await self._send(command_id, value, client)
            self._client = client
            try:
                async for message in client:
                    self._take(json.loads(message))
            finally:
                self._client = None
                self.mirror.connected()

    def _take(self, frame: dict[str, dict[str, str]]) -> None:
        assert "error" not in frame, frame
        ack = frame.get("commandAck")
        if ack is None:
            self.mirror.take(frame)
        elif ack["status"] == "ACCEPTED":
            # Its record is stored then: sent again, after a kill too, it is a duplicate.
            assert ack["commandId"] not in self._accepted, f"accepted twice: {ack}"
            self._accepted.add(ack["commandId"])
        elif ack["status"] == "COMPLETED":
            self.completed.add(self._todo.pop(ack["commandId"], ""))
        elif ack["status"] == "FAILED":
            # Interrupted by a kill; it may have happened or not, and is over.
            assert ack["code"] == "interrupted", ack
            self._todo.pop(ack["commandId"], None)
        else:
            assert ack["status"] == "DUPLICATE" or ack["code"] == "unavailable", ack

    async def _send(
        self, command_id: str, value: str, client: ClientConnection | None = None
    ) -> None:
        client = self._client if client is None else client
        assert client is not None
        payload = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": value}
        command = {
            "requestId": command_id,
            "commandId": command_id,
            "sessionId": self.mirror.session_id,
            "name": "Put",
            "payload": payload,
        }
        await client.send(json.dumps({"command": command}))
