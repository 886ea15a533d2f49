"""uvicorn, ending in the order in which clients see what comes of their commands."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

from sessionstream.arguments import check_type
from sessionstream.lifecycle import end_at_once_from_now_on
from sessionstream.transport.rooms import Rooms


class UvicornServer(uvicorn.Server):
    """A `uvicorn.Server` for an application into which rooms are mounted.

        async with Hub(registry, store=store) as hub, Rooms(hub) as rooms:
            app = FastAPI()
            app.mount("/live", SessionStreamApp(rooms))
            await UvicornServer(uvicorn.Config(app, port=8080), rooms).serve()

    uvicorn's own closes every WebSocket at once when it is told to end, waits for
    streams of events that do not end by themselves, and then raises the signal
    again, so that what stands after ``serve()`` does not run. This one takes no
    connections any more, drains, which by default closes the Hub while clients
    still watch, closes the rooms, which tells the clients, and lets uvicorn end
    what is left. Then ``serve()`` returns. A second SIGTERM or SIGINT ends the
    process at once.

    Of the configuration, ``ws_max_size=rooms.settings.max_frame_bytes`` and
    ``ws_per_message_deflate=False`` are worth having, and
    ``timeout_graceful_shutdown`` for clients that do not read; `WebSocketApp`
    says why. It is used as `uvicorn.Server` is, without reload and workers.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        rooms: Rooms,
        *,
        drain: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Makes the server.

        Args:
            config: What uvicorn serves, and how.
            rooms: Closed when the server has drained.
            drain: Ends what clients shall see the end of; closes the Hub if not given.
        """
        check_type("rooms", rooms, Rooms)
        super().__init__(config)
        self._rooms = rooms
        self._drain = rooms.source.aclose if drain is None else drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is served; uvicorn calls it."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        try:
            await self._drain()
        finally:  # clients are told goodbye whatever became of it
            await self._rooms.aclose()
            await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Takes a signal; uvicorn calls it."""
        end_at_once_from_now_on()
        self.should_exit = True
