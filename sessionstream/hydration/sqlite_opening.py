"""What opening a store answers: something to await or to enter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Generic, TypeVar

from sessionstream.closing import AsyncClosing
from sessionstream.hydration.sqlite_connection import to_the_end
from sessionstream.hydration.sqlite_file import SQLiteFile

S = TypeVar("S", bound=AsyncClosing)


class SQLiteOpening(Generic[S]):
    """What `SQLiteStore.open` answers: to be awaited or entered, once."""

    def __init__(self, locate: Callable[[], SQLiteFile], make: Callable[[SQLiteFile], S]) -> None:
        self._locate = locate
        self._make = make
        self._store: S | None = None

    def __await__(self) -> Generator[object, None, S]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> S:
        file = self._locate()
        store = self._make(file)
        try:
            await to_the_end(asyncio.create_task(file.open()))
        except asyncio.CancelledError:
            await store.aclose()
            raise
        self._store = store
        return store

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._store is not None:
            await self._store.aclose()
