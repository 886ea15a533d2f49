"""Who receives records of what the runtime does, and how: without anybody waiting for them."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from sessionstream.causes import Cause, RecordContext, current_run
from sessionstream.errors import SchemaError
from sessionstream.feed import Feed
from sessionstream.records import (
    DeliveryRecord,
    DropRecord,
    ErrorRecord,
    ErrorSource,
    PipelineRecord,
    PipelineStage,
    Record,
    TransportEvent,
    TransportRecord,
    error_record,
    text_of,
    unreadable_base_records,
    unreadable_record,
)

__all__ = [
    "DeliveryRecord",
    "DropRecord",
    "ErrorRecord",
    "ErrorSource",
    "Observer",
    "Observers",
    "PipelineRecord",
    "PipelineStage",
    "Record",
    "TransportEvent",
    "TransportRecord",
    "error_record",
    "text_of",
    "unreadable_base_records",
    "unreadable_record",
]

logger = logging.getLogger("sessionstream.observer")

# How many records may wait for an observer.
MAX_WAITING_RECORDS: Final = 8192

Observer = Callable[[Record], None]
"""Receives records one by one, in order, on a thread of its own.

It may block, or raise: nothing else notices. One that computes takes its share
of the interpreter. What it raises is logged. While
8,192 records wait for it, further ones are dropped; a `DropRecord` stands in
their place. What belongs to the event loop it must not touch, except through
``loop.call_soon_threadsafe``.
"""


class Observers:
    """A fixed set of observers. Falsy when nobody watches: build no record then.

    A thread for each, because a function that blocks would stop the event
    loop, and in a thread that they share it would cost the others their
    records. Threads begin with the first record and end with `flush` or after a
    second without records.
    """

    def __init__(
        self, observers: Iterable[Observer] = (), record_context: RecordContext | None = None
    ) -> None:
        self._record_context = record_context
        self._feeds = tuple(
            Feed(_guarded(observer), _gap, MAX_WAITING_RECORDS, f"observer {_name_of(observer)}")
            for observer in observers
        )

    def __bool__(self) -> bool:
        return bool(self._feeds)

    @property
    def dropped(self) -> int:
        """How many records were dropped so far, those of all observers together."""
        return sum(feed.dropped for feed in self._feeds)

    def cause(self) -> Cause:
        """Returns what the caller is to be remembered by. Call it only where somebody watches."""
        return Cause(current_run(), time.monotonic(), self._context())

    def _context(self) -> object:
        if self._record_context is None:
            return None
        try:
            return self._record_context()
        except Exception:  # a watcher must not hurt what it watches
            logger.exception("record_context failed")
            return None

    def notify(self, record: Record) -> None:
        """Queues the record for every observer. Neither waits nor raises; for the event loop."""
        for feed in self._feeds:
            feed.put(record)

    async def flush(self, seconds: float = 10.0) -> bool:
        """Waits until every observer has received what it was told; False if one was too slow."""
        received = await asyncio.gather(*(feed.flush(seconds) for feed in self._feeds))
        return all(received)


def _gap(count: int) -> Record:
    return DropRecord(count=count)


def _guarded(observer: Observer) -> Callable[[Record], None]:
    if _is_async(observer) or _is_async(type(observer).__call__):
        raise SchemaError(f"an observer is a plain function; {observer!r} is async")

    def receive(record: Record) -> None:
        try:
            observer(record)
        except BaseException:  # a watcher must not hurt what it watches, nor end its own thread
            logger.exception("observer %s failed", _name_of(observer))

    return receive


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function)


def _name_of(observer: Observer) -> str:
    return getattr(observer, "__qualname__", type(observer).__qualname__)
