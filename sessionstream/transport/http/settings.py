"""The limits and deadlines of HTTP requests."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.arguments import check_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPSettings:
    """What HTTP has besides `TransportSettings`. Sizes are in bytes, times in seconds.

    Attributes:
        body_timeout: For a request's whole body; then 408.
        outcome_timeout: How long an answer waits for a command's outcome at
            most; then it is 202, and the command goes on. What the client asks
            for may be less.
        max_snapshot_bytes: What the bodies of all snapshots that are being sent
            may take; with one more it is 503. A quarter of it may be one
            principal's; then it is 429. A single body may be larger.
        retry: After what time a browser asks again for events that have broken off.
    """

    body_timeout: float = 10.0
    outcome_timeout: float = 30.0
    max_snapshot_bytes: int = 64 * 2**20
    retry: float = 2.0

    def __post_init__(self) -> None:
        check_settings(self)
