"""Keeps what the WebSocket library logs of connections free of secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    _Adapter = logging.LoggerAdapter


class WithoutDebug(_Adapter):
    """A logger that has no DEBUG: with it the library logs headers and frames, and so tokens."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 the standard library's name
        """Whether a record of this level is logged."""
        return level > logging.DEBUG and super().isEnabledFor(level)
