"""The limits and deadlines of a client."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.arguments import check_settings, check_type
from sessionstream.client.frames import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """What a client may use and how long it waits. Sizes are in bytes, times in seconds.

    Attributes:
        dialect: How frames are written: as JSON, or in binary, which is smaller.
        connect_timeout: For the first connection, with all its attempts.
        open_timeout: For one attempt to connect.
        close_timeout: For a clean close; then the connection is cut.
        command_timeout: For the outcome of a command; None waits for ever.
        heartbeat_interval: After so long without a frame, the server is asked
            whether it is there.
        heartbeat_timeout: For its answer; then the connection is cut and made anew.
        backoff_base: The n-th attempt in a row to connect waits for a random
            time below this, doubled n times.
        backoff_limit: And below this.
        max_frame_bytes: A larger frame from the server ends the connection.
        max_queued_updates: What may wait for a watcher that does not read. What
            is too much is dropped, and asked for again when it reads.
        max_queued_bytes: The same in bytes of frames. A snapshot may be larger:
            it takes the place of all that waits.
        max_assembled_bytes: The frames of one snapshot, or of the UI events of
            one event; watching a session with larger ones ends with an error.
        max_commands: Commands that may wait for their outcomes; one more waits
            until it may be sent.
    """

    dialect: Dialect = Dialect.JSON
    connect_timeout: float = 10.0
    open_timeout: float = 5.0
    close_timeout: float = 2.0
    command_timeout: float | None = None
    heartbeat_interval: float = 15.0
    heartbeat_timeout: float = 10.0
    backoff_base: float = 0.25
    backoff_limit: float = 10.0
    max_frame_bytes: int = 16 * 2**20
    max_queued_updates: int = 1024
    max_queued_bytes: int = 4 * 2**20
    max_assembled_bytes: int = 64 * 2**20
    max_commands: int = 1000

    def __post_init__(self) -> None:
        check_type("dialect", self.dialect, Dialect)
        check_settings(self)
