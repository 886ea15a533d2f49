"""A fan-out that records, and can be stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from sessionstream.types import UIEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One call of `UIFanout.publish_ui`."""

    session_id: str
    ordinal: int
    events: tuple[UIEvent[Message], ...]


class RecordingFanout:
    """A `UIFanout` that keeps what it receives, in ``batches``.

    ``on_batch``, where given, is called first, and may raise. Between `hold`
    and `release` the fan-out is stuck: it takes a call and does not return.
    """

    def __init__(self, on_batch: Callable[[Batch], None] | None = None) -> None:
        self.batches: list[Batch] = []
        self.stuck = 0
        self._on_batch = on_batch
        self._changed = asyncio.Condition()
        self._open = asyncio.Event()
        self._open.set()

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Records the batch, once the fan-out is not held."""
        batch = Batch(session_id=session_id, ordinal=ordinal, events=tuple(events))
        if self._on_batch is not None:
            self._on_batch(batch)
        if not self._open.is_set():
            await self._wait_for_release()
        self.batches.append(batch)
        async with self._changed:
            self._changed.notify_all()

    async def _wait_for_release(self) -> None:
        self.stuck += 1
        try:
            async with self._changed:
                self._changed.notify_all()
            await self._open.wait()
        finally:
            self.stuck -= 1

    def hold(self) -> None:
        """Lets every call wait until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Lets the waiting calls return."""
        self._open.set()

    async def wait_for(self, count: int) -> None:
        """Returns when that many batches were received, since the beginning."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.batches) >= count)

    async def wait_stuck(self) -> None:
        """Returns when a call is waiting for `release`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.stuck > 0)

    def ordinals(self, session_id: str) -> list[int]:
        """Returns the ordinals of a session's batches, as they arrived."""
        return [batch.ordinal for batch in self.batches if batch.session_id == session_id]

    def payloads(self, session_id: str) -> list[Message]:
        """Returns the payloads of a session's UI events, as they arrived."""
        batches = [batch for batch in self.batches if batch.session_id == session_id]
        return [ui_event.payload for batch in batches for ui_event in batch.events]
