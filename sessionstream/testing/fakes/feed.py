"""A feed that records, and can be stuck."""

from __future__ import annotations

import asyncio

from sessionstream.transport.source import Rest
from sessionstream.types import UIBatch


class RecordingFeed:
    """A `UIFeed` that keeps what it receives: batches, and None for a reset.

    Between `hold` and `release` it is stuck: it is never done with a batch.
    """

    def __init__(self) -> None:
        self.received: dict[str, list[UIBatch | None]] = {}
        self._open = asyncio.Event()
        self._open.set()

    def deliver(self, batch: UIBatch) -> Rest | None:
        """Records the batch, once the feed is not held."""
        if not self._open.is_set():
            return self._record_later(batch)
        self.received.setdefault(batch.session_id, []).append(batch)
        return None

    async def _record_later(self, batch: UIBatch) -> None:
        await self._open.wait()
        self.received.setdefault(batch.session_id, []).append(batch)

    def reset(self, session_id: str) -> None:
        """Records that what the session was is void."""
        self.received.setdefault(session_id, []).append(None)

    def hold(self) -> None:
        """Lets every batch wait until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Lets those that wait go on."""
        self._open.set()

    def batches(self, session_id: str) -> list[UIBatch]:
        """Returns the session's batches, as they arrived."""
        return [item for item in self.received.get(session_id, []) if item is not None]

    def ordinals(self, session_id: str) -> list[int | None]:
        """Returns the ordinals of the session's batches, as they arrived; None for a reset."""
        items = self.received.get(session_id, [])
        return [None if item is None else item.ordinal for item in items]
