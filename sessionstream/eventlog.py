"""Reads a session's log in pages: what is stored of it, and what a draft adds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from sessionstream.drafts import Draft
from sessionstream.errors import OrdinalError, SessionStreamError, StoreCorruptError
from sessionstream.hydration.base import HydrationStore
from sessionstream.types import StoredEvent

# Events read from the log at once. A projection that is held back fails on the first one at
# every publish: it must not read many for nothing.
FIRST_PAGE = 8
LARGEST_PAGE = 512


class EventLog:
    """The logs of a store's sessions, read from one ordinal to another.

    Who iterates closes the generators: left to the garbage collector they
    would end in tasks of their own.
    """

    def __init__(self, store: HydrationStore) -> None:
        self._store = store

    async def drafted(self, draft: Draft, after: int, upto: int) -> AsyncGenerator[StoredEvent]:
        """Yields the events above ``after``, up to ``upto``: stored ones, then the draft's."""
        if after < draft.base:
            stored = self.stored(draft.session.id, after, min(upto, draft.base))
            async with aclosing(stored) as log:
                async for event in log:
                    yield event
        added = slice(max(after - draft.base, 0), max(upto - draft.base, 0))
        for event in draft.events[added]:
            yield event

    async def stored(self, session_id: str, after: int, upto: int) -> AsyncGenerator[StoredEvent]:
        """Yields the stored events above ``after``, up to ``upto``.

        Raises:
            OrdinalError: The log was compacted while it was read.
            StoreCorruptError: The store lacks an event.
        """
        size = FIRST_PAGE
        while after < upto:
            page = await self._store.events(session_id, after=after, limit=min(size, upto - after))
            size = min(size * 2, LARGEST_PAGE)
            if not page or page[0].ordinal != after + 1:
                raise await self._gap(session_id, after)
            for event in page:
                yield event
            after = page[-1].ordinal
            await asyncio.sleep(0)  # a store in memory suspends nowhere

    async def _gap(self, session_id: str, after: int) -> SessionStreamError:
        cursors = await self._store.cursors(session_id)
        if after < cursors.log_start:  # it was compacted while it was read
            return OrdinalError(session_id, after + 1, cursors.event, cursors.log_start)
        return StoreCorruptError(
            "store", f"session {session_id!r}: the log has no event {after + 1}"
        )
