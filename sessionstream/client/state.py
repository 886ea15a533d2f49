"""How a client stands to its server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from inspect import iscoroutinefunction
from typing import TypeAlias

from sessionstream.arguments import check_callable

logger = logging.getLogger("sessionstream.client")


class ConnectionState(Enum):
    """Whether what a client shows is live."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


StateListener: TypeAlias = Callable[[ConnectionState], None]
"""Told of every change; it must neither block nor raise."""


class States:
    """The state of one client; tells its listener of every change."""

    def __init__(self, listener: StateListener | None) -> None:
        self.now = ConnectionState.CONNECTING
        self._listener = listener

    def become(self, state: ConnectionState) -> None:
        """Changes the state, unless the client is closed."""
        if state is self.now or self.now is ConnectionState.CLOSED:
            return
        self.now = state
        if self._listener is not None:
            try:
                self._listener(state)
            except Exception:  # a border: the application's own
                logger.exception("on_state raised")


def check_listener(listener: object) -> None:
    """Refuses what can't be told of changes; None is told nothing.

    Raises:
        TypeError: It can't be called, or would have to be awaited.
    """
    if listener is None:
        return
    check_callable("on_state", listener)
    if iscoroutinefunction(listener):
        raise TypeError("on_state is a plain function; an async one would never be awaited")
