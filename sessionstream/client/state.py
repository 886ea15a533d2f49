"""How a client stands to its server."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias


class ConnectionState(Enum):
    """Whether what a client shows is live."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


StateListener: TypeAlias = Callable[[ConnectionState], None]
"""Told of every change; it must neither block nor raise."""
