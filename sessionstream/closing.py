"""Objects that are closed at the end of an ``async with``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from types import TracebackType
from typing import Self


class Phase(Enum):
    """How far an object's life has come."""

    OPEN = "open"
    DRAINING = "draining"  # nothing new is accepted, but what runs may publish
    CLOSED = "closed"


class AsyncClosing(ABC):
    """Closed by `aclose`, or by leaving the ``async with`` that it was entered with."""

    @abstractmethod
    async def aclose(self) -> None:
        """Closes it; may be called twice."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
