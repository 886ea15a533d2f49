"""How a client stands to its server."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from inspect import iscoroutinefunction
from typing import TypeAlias

from sessionstream.arguments import check_callable


class ConnectionState(Enum):
    """Whether what a client shows is live."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


StateListener: TypeAlias = Callable[[ConnectionState], None]
"""Told of every change; it must neither block nor raise."""


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
