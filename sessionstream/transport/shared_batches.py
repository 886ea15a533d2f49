"""The batches that were shown or read last, with their frames, for those who come back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import Final, TypeAlias

from sessionstream.transport.shared import SharedBatch
from sessionstream.types import UIBatch

# What a batch takes besides its payloads, about.
_BATCH_BYTES: Final = 512

_Key: TypeAlias = tuple[str, str, int]  # session, epoch, ordinal


class SharedBatches:
    """Keeps so many bytes; those that were asked for last stay longest."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._batches: OrderedDict[_Key, tuple[SharedBatch, int]] = OrderedDict()
        self._of_session: defaultdict[str, set[_Key]] = defaultdict(set)
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._batches)

    def share(self, batch: UIBatch) -> SharedBatch:
        """Returns the batch with its frames; the same for the same one, while it is kept."""
        if batch.ordinal == 0 or batch.unreadable:
            return SharedBatch(batch)
        key = (batch.session_id, batch.epoch, batch.ordinal)
        found = self._batches.get(key)
        if found is not None:
            self._batches.move_to_end(key)
            return found[0]
        shared = SharedBatch(batch)
        size = _BATCH_BYTES + 2 * sum(event.payload.ByteSize() for event in batch.events)
        self._batches[key] = shared, size
        self._of_session[batch.session_id].add(key)
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._batches)))
        return shared

    def forget(self, session_id: str) -> None:
        """Drops the batches of a session."""
        for key in tuple(self._of_session.get(session_id, ())):
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        _, size = self._batches.pop(key)
        self._bytes -= size
        keys = self._of_session[key[0]]
        keys.discard(key)
        if not keys:
            del self._of_session[key[0]]
