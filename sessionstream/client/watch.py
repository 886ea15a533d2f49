"""What a watcher iterates over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from sessionstream.client.subscription import Subscription
from sessionstream.watching import AnyUpdate


class Watched(AsyncIterator[AnyUpdate]):
    """The updates of one session, for one task at a time.

    Cancelling a wait loses nothing: the next one gets the update.
    """

    def __init__(self, subscription: Subscription, taken: Callable[[Watched], None]) -> None:
        self.subscription = subscription
        self._taken = taken
        self._has_some = asyncio.Event()
        self._is_left = False

    def wake(self) -> None:
        """Takes note that there is an update, or an error."""
        self._has_some.set()

    def leave(self) -> None:
        """Ends it at once: who still iterates comes to the end of it."""
        self._is_left = True
        self._has_some.set()

    async def __anext__(self) -> AnyUpdate:
        while not self._is_left:
            self._has_some.clear()
            update = self.subscription.take()
            if update is not None:
                self._taken(self)
                return update
            if self.subscription.error is not None:
                # Raised again and again, it would keep a traceback of each time.
                raise self.subscription.error.with_traceback(None)
            await self._has_some.wait()
        raise StopAsyncIteration
