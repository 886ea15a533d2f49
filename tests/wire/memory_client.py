"""A client of version 2 in the server's event loop, whose network does what a test says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from sessionstream.testing.clients.wire import MemoryWire
from sessionstream.transport.admission import Admission
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.rooms import Rooms
from tests.wire.mirror import Mirror


@dataclass(slots=True)
class MemoryClient:
    """A client, and the connection that it has at the time."""

    mirror: Mirror
    wire: MemoryWire | None = None

    def connect(self, rooms: Rooms, group: asyncio.TaskGroup, mode: str = "RESUME") -> None:
        """A new connection that subscribes. The server may not have noticed the end of the last."""
        self.wire = MemoryWire()
        group.create_task(rooms.handle(self.wire, Admission(dialect=V2_JSON)))
        self.wire.say(json.dumps(self.mirror.subscribe(mode)))

    def read(self, most: int | None = None) -> None:
        """Takes what has arrived; with ``most`` the rest of it never comes to the client."""
        if self.wire is None:
            return
        for message in self.wire.heard()[:most]:
            frame = json.loads(message)
            if frame.get("error", {}).get("code") != "bad_client_frame":
                assert "error" not in frame, frame
                self.mirror.take(frame)

    def cut(self, most: int | None = 0) -> None:
        """The connection ends; of what is on its way some frames still arrive."""
        if self.wire is not None:
            self.read(most)
            self.wire.hang_up()
        self.wire = None

    def half_open(self) -> None:
        """The client is gone, and the server is not told."""
        if self.wire is not None:
            self.wire.stop_reading()
        self.wire = None
