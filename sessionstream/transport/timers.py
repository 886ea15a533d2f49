"""The timers of one connection: what its standing is due, whether its client takes anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

from sessionstream.observer import TransportEvent
from sessionstream.transport.access import Principal
from sessionstream.transport.actions import Action, Close, Report
from sessionstream.transport.codes import CloseCode
from sessionstream.transport.progress import Progress
from sessionstream.transport.standing import Standing

# How often, in one progress_timeout, is looked whether the client takes anything.
_LOOKS: Final = 2
_TAKES_NOTHING: Final = "the client takes nothing"


class Timers:
    """Looks again and again, from `begin` until `stop`."""

    __slots__ = (
        "_between_looks",
        "_is_stopped",
        "_look_at",
        "_loop",
        "_perform",
        "_standing",
        "_tick_at",
        "_unsent",
        "progress",
    )

    def __init__(
        self,
        standing: Standing,
        perform: Callable[[Iterable[Action]], None],
        unsent: Callable[[], int],
        progress_timeout: float,
    ) -> None:
        """Sets nothing yet.

        Args:
            standing: Told the time.
            perform: Carries out what is due.
            unsent: Tells how many bytes the network still has to take.
            progress_timeout: How long the client may take nothing, in seconds.
        """
        self.progress = Progress()
        self._standing = standing
        self._perform = perform
        self._unsent = unsent
        self._between_looks = progress_timeout / _LOOKS
        self._loop = asyncio.get_running_loop()
        self._is_stopped = False
        # Timers, not tasks: an idle connection is to cost little memory.
        self._tick_at: asyncio.TimerHandle | None = None
        self._look_at: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Begins with the client that the standing has."""
        self._standing.begin(self._loop.time(), _expires_in(self._standing.principal))
        self._set_tick()
        self._set_look()

    def authenticated(self, principal: Principal | None) -> None:
        """Takes who the client is, as a hook has said; None for nobody."""
        now = self._loop.time()
        self._perform(self._standing.authenticated(principal, now, _expires_in(principal)))
        if self._tick_at is not None:
            self._tick_at.cancel()
        self._set_tick()

    def stop(self) -> None:
        """Ends all of it."""
        self._is_stopped = True
        for timer in (self._tick_at, self._look_at):
            if timer is not None:
                timer.cancel()

    def _set_tick(self) -> None:
        at = self._standing.next_tick()
        if at is not None and not self._is_stopped:
            self._tick_at = self._loop.call_at(at, self._tick)

    def _tick(self) -> None:
        self._perform(self._standing.tick(self._loop.time()))
        self._set_tick()

    def _set_look(self) -> None:
        if not self._is_stopped:
            self._look_at = self._loop.call_later(self._between_looks, self._look)

    def _look(self) -> None:
        # The answers that a client does not take stop the reading, so it would
        # not even be seen to leave.
        if self.progress.look(self._unsent()) >= _LOOKS:
            report = Report(TransportEvent.SLOW_CLIENT, detail=_TAKES_NOTHING)
            self._perform([report, Close(CloseCode.SLOW_CLIENT, _TAKES_NOTHING)])
        self._set_look()


def _expires_in(principal: Principal | None) -> float | None:
    # What a token says is of the clock on the wall; what is waited for is not.
    if principal is None or principal.expires_at is None:
        return None
    return max(0.0, principal.expires_at - time.time())
