"""A store that can be stopped, and made to fail."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Unpack

from google.protobuf.message import Message

from sessionstream.hydration.base import (
    BaseTimeline,
    CommandRecord,
    CommitBatch,
    Cursors,
    ErrorFilters,
    HydrationStore,
)
from sessionstream.observer import ErrorRecord
from sessionstream.types import StoredEntity, StoredEvent, TimelineEntity, UIBatch


class GatedStore(HydrationStore):
    """A store in front of another whose commits can be held and made to fail.

    ``batches`` has every batch that was committed. A commit that is held, or
    that fails, has stored nothing.
    """

    def __init__(self, inner: HydrationStore) -> None:
        self.inner = inner
        self.batches: list[CommitBatch] = []
        self.held: CommitBatch | None = None
        self._errors: deque[BaseException] = deque()
        self._changed = asyncio.Condition()
        self._open = asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        """Lets every commit wait until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Lets the waiting commit go on."""
        self._open.set()

    def fail_next(self, *errors: BaseException) -> None:
        """Lets the next commits, one for each error, raise it."""
        self._errors.extend(errors)

    async def wait_held(self) -> CommitBatch:
        """Returns the batch whose commit waits for `release`, once there is one."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.held is not None)
        assert self.held is not None
        return self.held

    async def commit(self, batch: CommitBatch) -> None:
        """Commits to the store behind, unless told otherwise."""
        if not self._open.is_set():
            self.held = batch
            async with self._changed:
                self._changed.notify_all()
            try:
                await self._open.wait()
            finally:
                self.held = None
        if self._errors:
            raise self._errors.popleft()
        await self.inner.commit(batch)
        self.batches.append(batch)

    async def events(
        self, session_id: str, after: int = 0, limit: int = 1000
    ) -> Sequence[StoredEvent]:
        """Reads from the store behind, as do all methods below."""
        return await self.inner.events(session_id, after, limit)

    async def timeline(self, session_id: str) -> Sequence[StoredEntity]:
        """Reads a timeline."""
        return await self.inner.timeline(session_id)

    async def ui_batches(
        self, session_id: str, after: int = 0, limit: int = 256
    ) -> Sequence[UIBatch]:
        """Reads kept UI events."""
        return await self.inner.ui_batches(session_id, after, limit)

    async def command(self, session_id: str, command_id: str) -> CommandRecord | None:
        """Reads a command's record."""
        return await self.inner.command(session_id, command_id)

    async def cursors(self, session_id: str) -> Cursors:
        """Reads a session's cursors."""
        return await self.inner.cursors(session_id)

    async def errors(
        self, session_id: str | None = None, limit: int = 100, **filters: Unpack[ErrorFilters]
    ) -> list[ErrorRecord]:
        """Reads error records."""
        return await self.inner.errors(session_id, limit, **filters)

    async def resolve_errors(self, records: Sequence[ErrorRecord], resolved_at: float) -> int:
        """Resolves error records."""
        return await self.inner.resolve_errors(records, resolved_at)

    async def sessions(self, after: str = "", limit: int = 100) -> list[str]:
        """Reads session ids."""
        return await self.inner.sessions(after, limit)

    async def clear_timeline(self, session_id: str) -> None:
        """Clears a timeline."""
        await self.inner.clear_timeline(session_id)

    async def base_timeline(self, session_id: str) -> BaseTimeline:
        """Reads the timeline at the start of the log."""
        return await self.inner.base_timeline(session_id)

    async def compact(
        self, session_id: str, upto: int, entities: Sequence[TimelineEntity[Message]]
    ) -> None:
        """Compacts a log."""
        await self.inner.compact(session_id, upto, entities)

    async def close_session(self, session_id: str, closed_at: float) -> None:
        """Closes a session."""
        await self.inner.close_session(session_id, closed_at)

    async def closed_sessions(
        self, closed_before: float | None = None, keep: int | None = None
    ) -> list[str]:
        """Reads the ids of closed sessions."""
        return await self.inner.closed_sessions(closed_before, keep)

    async def delete_session(self, session_id: str, *, if_closed: bool = False) -> bool:
        """Deletes a session."""
        return await self.inner.delete_session(session_id, if_closed=if_closed)

    async def aclose(self) -> None:
        """Closes the store behind."""
        await self.inner.aclose()
