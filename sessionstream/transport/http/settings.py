"""The deadlines of HTTP requests."""

from __future__ import annotations

from dataclasses import dataclass

from sessionstream.arguments import check_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPSettings:
    """What HTTP has besides `TransportSettings`. Times are in seconds.

    Attributes:
        body_timeout: For a request's whole body; then 408.
        outcome_timeout: How long an answer waits for a command's outcome at
            most; then it is 202, and the command goes on. What the client asks
            for may be less.
        retry: After what time a browser asks again for events that have broken off.
    """

    body_timeout: float = 10.0
    outcome_timeout: float = 30.0
    retry: float = 2.0

    def __post_init__(self) -> None:
        check_settings(self)
