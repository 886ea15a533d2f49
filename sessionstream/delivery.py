"""From sessions to fan-outs, in order, without anyone waiting."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sessionstream.fanout import UIFanout
from sessionstream.namespaces import free_name
from sessionstream.observer import ErrorRecord, ErrorSource, error_record, text_of
from sessionstream.payloads import with_own_payload
from sessionstream.receivers import FanoutReceiver, FeedReceiver, Item, Receiver, Reset
from sessionstream.tasks import ENDS_THE_PROCESS, BackgroundTasks, is_cancelled
from sessionstream.transport.source import UIFeed
from sessionstream.types import UIBatch

logger = logging.getLogger("sessionstream.fanout")

# A fan-out that has this many batches of a session waiting gets no more of it.
MAX_WAITING_BATCHES = 1024

# In so many sessions, at most, is remembered that a fan-out fails; the others are told of anew.
MAX_FAILING_SESSIONS = 1024

Keep = Callable[[ErrorRecord], None]
"""Stores an error record and tells observers of it; does not suspend."""


class DeliveryOverflowError(Exception):
    """Batches of a session were dropped: too many were waiting for the fan-out.

    ``count`` of them since the fan-out had last taken all; the first is told at
    once, the sum when it has taken all again.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count

    def __str__(self) -> str:
        waiting = f"{MAX_WAITING_BATCHES} batches were waiting for this fan-out"
        if self.count == 1:
            return f"dropped: {waiting}"
        return f"dropped {self.count} batches so far: {waiting}"


class DeliveryFailuresError(Exception):
    """A fan-out failed on ``count`` batches of a session, one after the other.

    The first failure is told at once; this is told when it works again, or at
    the end. ``last`` says what it raised on the last of them.
    """

    def __init__(self, count: int, last: str) -> None:
        super().__init__(count, last)
        self.count = count
        self.last = last

    def __str__(self) -> str:
        return f"failed on {self.count} batches in a row, at last with {self.last}"


@dataclass(slots=True)
class _Failures:
    """Batches of a session in a row on which a fan-out failed."""

    count: int
    # Of the last one.
    ordinal: int
    error: BaseException


@dataclass(slots=True)
class _Queue:
    """What of a session waits for one fan-out, and what was dropped of it since it was empty."""

    items: deque[Item] = field(default_factory=deque)
    dropped: int = 0
    # The ordinal of the last batch that was dropped.
    last_dropped: int = 0
    # Whether what was dropped is the last that there was: no later batch shows the gap.
    ends_in_a_gap: bool = False


class _Delivery:
    """What waits for one receiver: a queue per session that has something waiting.

    A queue lives as long as the task that empties it; an idle session has neither.
    """

    def __init__(self, receiver: Receiver, name: str, tasks: BackgroundTasks, keep: Keep) -> None:
        self.receiver = receiver
        self.name = name
        self._tasks = tasks
        self._keep = keep
        # Guard: the event loop.
        self._queues: dict[str, _Queue] = {}
        self._closed = False
        # Sessions on whose last batch it failed; where it failed last comes last.
        self._failing: OrderedDict[str, _Failures] = OrderedDict()

    def offer(self, session_id: str, batches: Sequence[UIBatch]) -> None:
        queue = self._queue(session_id)
        if len(queue.items) >= MAX_WAITING_BATCHES:
            self._drop(session_id, queue, batches)
        else:  # all of a commit, however much a projection caught up on: nobody was slow yet
            queue.items.extend(batches)
            queue.ends_in_a_gap &= not any(batch.ordinal for batch in batches)

    def reset(self, session_id: str) -> None:
        """Queues a reset, however much is waiting: it says that all of that is void."""
        queue = self._queue(session_id)
        queue.items.append(Reset())
        queue.ends_in_a_gap = False

    def _queue(self, session_id: str) -> _Queue:
        queue = self._queues.get(session_id)
        if queue is None:
            queue = self._queues[session_id] = _Queue()
            self._tasks.start(self._run(session_id, queue), f"fan-out of {session_id}")
        return queue

    def _drop(self, session_id: str, queue: _Queue, batches: Sequence[UIBatch]) -> None:
        # One that is stuck for ever must not give a record for every batch for ever.
        if not queue.dropped:
            self._failed(session_id, batches[0].ordinal, DeliveryOverflowError(1))
        queue.dropped += len(batches)
        queue.last_dropped = batches[-1].ordinal
        if self.receiver.has_history:
            queue.ends_in_a_gap |= any(batch.ordinal for batch in batches)

    async def _run(self, session_id: str, queue: _Queue) -> None:
        try:
            while queue.items:
                await self._deliver(session_id, queue.items.popleft())
                if queue.ends_in_a_gap and not queue.items:
                    self.reset(session_id)
        finally:
            del self._queues[session_id]
            if self._closed:
                self._sum_up(session_id)
            if queue.dropped > 1:
                self._failed(session_id, queue.last_dropped, DeliveryOverflowError(queue.dropped))

    async def _deliver(self, session_id: str, item: Item) -> None:
        try:
            await self.receiver.take(session_id, item)
        except ENDS_THE_PROCESS:
            raise
        except BaseException as error:  # a fan-out's failure is its own
            if is_cancelled(error):
                raise
            self._count(session_id, item.ordinal, error)
        else:
            self._sum_up(session_id)

    def _count(self, session_id: str, ordinal: int, error: BaseException) -> None:
        # One that is broken for good must not give a record for every batch for ever.
        failures = self._failing.setdefault(session_id, _Failures(0, ordinal, error))
        self._failing.move_to_end(session_id)
        failures.count += 1
        failures.ordinal, failures.error = ordinal, error
        if failures.count == 1:
            self._failed(session_id, ordinal, error)
            if len(self._failing) > MAX_FAILING_SESSIONS:
                self._sum_up(next(iter(self._failing)))

    def _sum_up(self, session_id: str) -> None:
        failures = self._failing.pop(session_id, None)
        if failures is not None and failures.count > 1:
            last = f"{type(failures.error).__name__}: {text_of(failures.error)}"
            error = DeliveryFailuresError(failures.count, last)
            self._failed(session_id, failures.ordinal, error)

    def close(self) -> None:
        """What is queued still comes, and is summed up when it has."""
        self._closed = True
        for session_id in list(self._failing):
            self._sum_up(session_id)

    def _failed(self, session_id: str, ordinal: int, error: BaseException) -> None:
        record = error_record(session_id, ErrorSource.FANOUT, self.name, ordinal, error)
        logger.warning(
            "fan-out %s failed: %s: %s",
            self.name,
            record.error_type,
            record.message,
            extra={"session_id": session_id, "ordinal": ordinal},
        )
        self._keep(record)


class Fanouts:
    """The Hub's fan-outs and feeds, each isolated from the others and from publishers."""

    def __init__(self, tasks: BackgroundTasks, keep: Keep) -> None:
        self._tasks = tasks
        self._keep = keep
        self._deliveries: list[_Delivery] = []

    def add_fanout(self, fanout: UIFanout) -> None:
        """Adds a fan-out, unless it is there; it receives what is committed from now on."""
        self._add(FanoutReceiver(fanout))

    def add_feed(self, feed: UIFeed) -> None:
        """Adds a feed, unless it is there; it receives what is committed from now on."""
        self._add(FeedReceiver(feed))

    def _add(self, receiver: Receiver) -> None:
        if all(known.receiver.target is not receiver.target for known in self._deliveries):
            taken = [known.name for known in self._deliveries]
            name = free_name(type(receiver.target).__name__, taken)
            self._deliveries.append(_Delivery(receiver, name, self._tasks, self._keep))

    def remove(self, target: UIFanout | UIFeed) -> None:
        """Removes a fan-out or a feed; it still gets what was queued for it."""
        removed = [known for known in self._deliveries if known.receiver.target is target]
        self._deliveries = [known for known in self._deliveries if known not in removed]
        for delivery in removed:
            delivery.close()

    def close(self) -> None:
        """Tells how often those failed that still do."""
        for delivery in self._deliveries:
            delivery.close()

    def deliver(self, session_id: str, batches: Sequence[UIBatch]) -> None:
        """Queues the UI events of one commit for everybody; does not suspend."""
        shared = False  # feeds change nothing, so they share; a fan-out might
        for delivery in self._deliveries:
            if delivery.receiver.has_history:
                delivery.offer(session_id, batches)
                shared = True
        for delivery in self._deliveries:
            if not delivery.receiver.has_history:
                delivery.offer(session_id, [_copy(each) for each in batches] if shared else batches)
                shared = True

    def reset(self, session_id: str) -> None:
        """Queues for every feed, in its place, that what the session was is void."""
        for delivery in self._deliveries:
            if delivery.receiver.has_history:
                delivery.reset(session_id)


def _copy(batch: UIBatch) -> UIBatch:
    return replace(batch, events=tuple(with_own_payload(event) for event in batch.events))
