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

    def wake(self) -> None:
        """Takes note that there is an update, or an error."""
        self._has_some.set()

    async def __anext__(self) -> AnyUpdate:
        while True:
            self._has_some.clear()
            update = self.subscription.take()
            if update is not None:
                self._taken(self)
                return update
            if self.subscription.error is not None:
                raise self.subscription.error
            await self._has_some.wait()
