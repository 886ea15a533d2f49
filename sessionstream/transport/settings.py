"""The limits and deadlines of connections."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.arguments import check_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """What connections may use. Sizes are in bytes, times in seconds.

    Ids are bounded by the format, not here: those of sessions and commands have
    512 characters at most. With 64 KiB of pongs that a client does not take,
    `ws.BoundedConnection` cuts it off.

    Attributes:
        max_frame_bytes: A longer frame from the client closes with code 1009.
        max_sent_frame_bytes: A larger snapshot goes to a client of version 2 in
            parts, none of which is longer unless one entity is.
        max_queued_frames: UI events that may wait for a client, and as many
            while something is loaded for it. With one more the subscription
            that has most of them lags: what waits of it is dropped, and it is
            caught up when the client reads again.
        max_queued_bytes: The same in bytes. A single batch may be larger: it
            is taken when nothing else waits.
        max_replayed_batches: Events whose UI events are sent one by one to
            bring a client up; one that misses more gets a snapshot.
        max_connections: Clients served at once by one `Rooms`; one more is
            closed with `CloseCode.TRY_AGAIN_LATER`. None for no limit.
        max_principal_connections: The same for one principal, where clients
            authenticate; one more is closed with
            `CloseCode.TOO_MANY_OF_PRINCIPAL`.
        max_subscriptions: Sessions that one connection may watch at once; one
            more is answered ``too_many_subscriptions``.
        max_snapshot_loads: Sessions loaded at once for one connection.
        commands_per_second: In the long run, for one connection; what comes
            beyond is rejected with ``rate_limited``.
        command_burst: How many may come at once.
        max_pending_commands: Whose outcome is not known, of one principal over
            all its connections, and also of one connection; one more is
            rejected with ``rate_limited``. Where no hook tells clients apart,
            those over HTTP count by the address from which they come.
        unauthenticated_seconds: How long a client of version 2 that the
            handshake did not authenticate may take to do it by a frame; then
            it is closed with `CloseCode.UNAUTHENTICATED`. With 0 it has to be
            authenticated by the handshake.
        hook_timeout: For each call of a hook of `Access`; then it refuses.
        open_timeout: For the opening handshake.
        close_timeout: For a close; then the connection is cut.
        progress_timeout: How long a client may take nothing of what it is
            sent; then, half of it later at most, the connection is closed with
            `CloseCode.SLOW_CLIENT`. An ASGI server does not tell how much of a
            frame has gone: there, it has to be enough for the largest snapshot.
        ping_interval: Between keepalive pings of the WebSocket protocol. A
            client of version 2 that is silent for so long gets a ping frame
            too; silent for as long again, it is closed with
            `CloseCode.SILENT_CLIENT`.
        ping_timeout: For the answer to a ping of the WebSocket protocol; then
            the connection is cut.
        position_interval: Between looks for idle subscriptions of version 2,
            which are then told how far the session is.
        drain_seconds: The time over which the closes of clients of version 2
            are spread when the server ends, so that they do not all come back
            at once.
    """

    max_frame_bytes: int = 64 * 1024
    max_sent_frame_bytes: int = 256 * 1024
    max_queued_frames: int = 1024
    max_queued_bytes: int = 1024 * 1024
    max_replayed_batches: int = 10_000
    max_connections: int | None = 10_000
    max_principal_connections: int | None = 100
    max_subscriptions: int = 1000
    max_snapshot_loads: int = 4
    commands_per_second: float = 50.0
    command_burst: int = 100
    max_pending_commands: int = 64
    unauthenticated_seconds: float = 0.0
    hook_timeout: float = 5.0
    open_timeout: float = 5.0
    close_timeout: float = 5.0
    progress_timeout: float = 10.0
    ping_interval: float = 20.0
    ping_timeout: float = 20.0
    position_interval: float = 15.0
    drain_seconds: float = 0.5

    def __post_init__(self) -> None:
        check_settings(self, may_be_zero=("unauthenticated_seconds", "drain_seconds"))
