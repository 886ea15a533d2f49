"""The limits and deadlines of connections."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """What connections may use. Sizes are in bytes, times in seconds.

    Attributes:
        max_frame_bytes: A longer frame from the client closes with code 1009.
        max_queued_frames: UI events that may wait for a slow client; one more
            closes with `CloseCode.SLOW_CLIENT`.
        max_queued_bytes: The same in bytes. A single batch may be larger: it
            is taken when nothing else waits.
        max_connections: Clients served at once by one `Rooms`; one more is
            closed with `CloseCode.TRY_AGAIN_LATER`. None for no limit.
        max_subscriptions: Sessions that one connection may watch at once.
        max_snapshot_loads: Snapshots loaded at once for one connection.
        open_timeout: For the opening handshake.
        close_timeout: For a close; then the connection is cut.
        progress_timeout: How long a client may take nothing of what it is
            sent; then, half of it later at most, the connection is closed with
            `CloseCode.SLOW_CLIENT`. An ASGI server does not tell how much of a
            frame has gone: there, it has to be enough for the largest snapshot.
        ping_interval: Between keepalive pings of the WebSocket protocol.
        ping_timeout: For the answer to such a ping; then the connection is cut.
    """

    max_frame_bytes: int = 64 * 1024
    max_queued_frames: int = 1024
    max_queued_bytes: int = 1024 * 1024
    max_connections: int | None = 10_000
    max_subscriptions: int = 1000
    max_snapshot_loads: int = 4
    open_timeout: float = 5.0
    close_timeout: float = 5.0
    progress_timeout: float = 10.0
    ping_interval: float = 20.0
    ping_timeout: float = 20.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and value <= 0:
                raise ValueError(f"{field.name} must be above 0; got {value}")
