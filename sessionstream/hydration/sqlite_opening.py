"""What opening a store answers: something to await or to enter."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Generic, TypeVar

from sessionstream.closing import AsyncClosing

S = TypeVar("S", bound=AsyncClosing)


class SQLiteOpening(Generic[S]):
    """What `SQLiteStore.open` answers: to be awaited or entered, once."""

    def __init__(self, make: Callable[[], Coroutine[object, object, S]]) -> None:
        self._make = make
        self._store: S | None = None

    def __await__(self) -> Generator[object, None, S]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> S:
        self._store = await self._make()
        return self._store

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._store is not None:
            await self._store.aclose()
