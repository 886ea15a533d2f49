"""Who a client is and whether it is there, without I/O.

    state             it may                   it ends with
    UNAUTHENTICATED   ping, authenticate       4401 after ``unauthenticated_seconds``
    AUTHENTICATED     everything               4401 when that expires

A client of version 2 that is silent for ``ping_interval`` is sent a ping, and
silent for as long again it ends with 4408. All times are monotonic, in seconds.
"""

from __future__ import annotations

from sessionstream.transport import frames
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Action, Answer, Authenticate, Close
from sessionstream.transport.codes import CloseCode, ErrorCode
from sessionstream.transport.dialects import Dialect
from sessionstream.transport.settings import TransportSettings


class Standing:
    """The principal of one connection, its deadlines, and its heartbeat."""

    def __init__(
        self, dialect: Dialect, settings: TransportSettings, principal: Principal | None
    ) -> None:
        self.principal = principal
        self._dialect = dialect
        self._settings = settings
        self._has_to_by: float | None = None
        self._is_asking = False
        self._heard_at = 0.0
        self._is_pinged = False

    def begin(self, now: float, expires_in: float | None) -> None:
        """Takes the time, and in how many seconds the principal expires; None for never."""
        self._heard_at = now
        if self.principal is None:
            self._has_to_by = now + self._settings.unauthenticated_seconds
        elif expires_in is not None:
            self._has_to_by = now + expires_in

    def heard(self, now: float) -> None:
        """Takes note that the client is there."""
        self._heard_at = now
        self._is_pinged = False

    def authenticate(self, token: str) -> list[Action]:
        """Takes what the client shows for who it is."""
        if self._is_asking:
            return [self._refusal("one authenticate at a time")]
        self._is_asking = True
        return [Authenticate(token)]

    def authenticated(
        self, principal: Principal | None, now: float, expires_in: float | None
    ) -> list[Action]:
        """Takes who the client is; None for nobody.

        One that is somebody already stays who it is until that expires.
        """
        self._is_asking = False
        if principal is None:
            return [self._refusal("this does not show who you are")]
        if self.principal is not None and principal.id != self.principal.id:
            return [self._refusal("a connection can't become somebody else's; open another")]
        self.principal = principal
        self._has_to_by = None if expires_in is None else now + expires_in
        frame = frames.authenticated(0.0 if expires_in is None else expires_in)
        return [Answer(self._dialect.encode(frame))]

    def next_tick(self) -> float | None:
        """Returns when `tick` has something to do at the earliest; None for never."""
        times = [] if self._has_to_by is None else [self._has_to_by]
        if self._dialect.is_v2:
            times.append(self._silent_at())
        return min(times, default=None)

    def tick(self, now: float) -> list[Action]:
        """Takes the time."""
        if self._has_to_by is not None and now >= self._has_to_by:
            if self.principal is None:
                return [Close(CloseCode.UNAUTHENTICATED, "not authenticated in time")]
            return [Close(CloseCode.UNAUTHENTICATED, "the authentication has expired")]
        if not self._dialect.is_v2 or now < self._silent_at():
            return []
        if self._is_pinged:
            return [Close(CloseCode.SILENT_CLIENT, "the client is silent")]
        self._is_pinged = True
        return [Answer(self._dialect.encode(frames.ping("")))]

    def _silent_at(self) -> float:
        return self._heard_at + self._settings.ping_interval * (2 if self._is_pinged else 1)

    def _refusal(self, message: str) -> Answer:
        return Answer(self._dialect.encode(frames.error(ErrorCode.UNAUTHENTICATED, message)))
