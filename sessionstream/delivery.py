"""From sessions to fan-outs, in order, without anyone waiting."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sessionstream.causes import wall_clock
from sessionstream.failing import DeliveryOverflowError, Failing, Keep
from sessionstream.fanout import UIFanout
from sessionstream.namespaces import free_name
from sessionstream.observer import DeliveryRecord, Observers
from sessionstream.payloads import with_own_payload
from sessionstream.receivers import FanoutReceiver, FeedReceiver, Item, Receiver, Reset
from sessionstream.tasks import ENDS_THE_PROCESS, BackgroundTasks, is_cancelled
from sessionstream.transport.source import Rest, UIFeed
from sessionstream.types import UIBatch

# A fan-out that has this many batches of a session waiting gets no more of it.
MAX_WAITING_BATCHES = 1024


@dataclass(slots=True)
class _Queue:
    """What of a session waits for one fan-out, and what was dropped of it since it was empty."""

    session_id: str
    # Each with the time at which it came, by `time.monotonic`; 0 while nobody observes.
    items: deque[tuple[Item, float]] = field(default_factory=deque)
    dropped: int = 0
    # The ordinal of the last batch that was dropped.
    last_dropped: int = 0
    # Whether what was dropped is the last that there was: no later batch shows the gap.
    ends_in_a_gap: bool = False


@dataclass(frozen=True, slots=True)
class _Handing:
    """An item that is being handed on, and what is left to do of that."""

    ordinal: int
    since: float
    rest: Rest


class _Delivery:
    """What waits for one receiver: a queue per session that has something waiting.

    A queue lives until it is empty, and has a task until then; an idle session
    has neither. Where the receiver is prompt, one task serves the queues of all
    sessions, and one that has to wait for something goes on in its own.
    """

    def __init__(
        self,
        receiver: Receiver,
        name: str,
        tasks: BackgroundTasks,
        keep: Keep,
        observers: Observers,
    ) -> None:
        self.receiver = receiver
        self.name = name
        self._tasks = tasks
        self._observers = observers
        self._failing = Failing(name, keep)
        # Guard: the event loop.
        self._queues: dict[str, _Queue] = {}
        # Those that no task has looked into yet.
        self._new: deque[_Queue] = deque()
        self._is_handing_on = False
        self._closed = False

    def offer(self, session_id: str, batches: Sequence[UIBatch], at: float) -> None:
        queue = self._queue(session_id)
        if len(queue.items) >= MAX_WAITING_BATCHES:
            self._drop(queue, batches)
        else:  # all of a commit, however much a projection caught up on: nobody was slow yet
            queue.items.extend((batch, at) for batch in batches)
            if queue.ends_in_a_gap:
                queue.ends_in_a_gap = not any(batch.ordinal for batch in batches)

    def reset(self, session_id: str) -> None:
        """Queues a reset, however much is waiting: it says that all of that is void."""
        queue = self._queue(session_id)
        queue.items.append((Reset(), 0.0))
        queue.ends_in_a_gap = False

    def close(self) -> None:
        """What is queued still comes, and is summed up when it has."""
        self._closed = True
        self._failing.sum_up_all()

    def _queue(self, session_id: str) -> _Queue:
        queue = self._queues.get(session_id)
        if queue is None:
            queue = self._queues[session_id] = _Queue(session_id)
            if self.receiver.is_prompt:
                self._new.append(queue)
                self._start()
            else:
                self._tasks.start(self._run(queue), f"fan-out of {session_id}")
        return queue

    def _drop(self, queue: _Queue, batches: Sequence[UIBatch]) -> None:
        # One that is stuck for ever must not give a record for every batch for ever.
        if not queue.dropped:
            self._overflowed(queue, batches[0].ordinal, 1)
        queue.dropped += len(batches)
        queue.last_dropped = batches[-1].ordinal
        if self.receiver.has_history:
            queue.ends_in_a_gap |= any(batch.ordinal for batch in batches)

    def _start(self) -> None:
        if not self._is_handing_on:
            self._is_handing_on = True
            self._tasks.start(self._hand_on(), f"fan-out {self.name}")

    async def _hand_on(self) -> None:
        try:
            while self._new:
                self._begin(self._new.popleft())
        finally:
            self._is_handing_on = False
            if self._new:  # something ended it in the middle: the others are not lost
                self._start()

    def _begin(self, queue: _Queue) -> None:
        handing = None
        try:
            handing = self._next_to_wait_for(queue)
        finally:
            if handing is None:
                self._ended(queue)
        if handing is not None:
            self._tasks.start(self._run(queue, handing), f"fan-out of {queue.session_id}")

    async def _run(self, queue: _Queue, handing: _Handing | None = None) -> None:
        try:
            handing = handing or self._next_to_wait_for(queue)
            while handing is not None:
                try:
                    await handing.rest
                except BaseException as error:  # a fan-out's failure is its own
                    self._failed(queue.session_id, handing.ordinal, error)
                else:
                    self._taken(queue.session_id, handing.ordinal, handing.since)
                handing = self._next_to_wait_for(queue)
        finally:
            self._ended(queue)

    def _next_to_wait_for(self, queue: _Queue) -> _Handing | None:
        """Hands on what takes no waiting; returns what does, None at the end of the queue."""
        session_id = queue.session_id
        while queue.items or queue.ends_in_a_gap:
            if not queue.items:
                self.reset(session_id)
            item, since = queue.items.popleft()
            try:
                rest = self.receiver.take(session_id, item)
            except BaseException as error:
                self._failed(session_id, item.ordinal, error)
            else:
                if rest is not None:
                    return _Handing(item.ordinal, since, rest)
                self._taken(session_id, item.ordinal, since)
        return None

    def _taken(self, session_id: str, ordinal: int, since: float) -> None:
        self._failing.sum_up(session_id)
        if ordinal and self._observers:
            offset = wall_clock()
            record = DeliveryRecord(
                fanout=self.name,
                session_id=session_id,
                ordinal=ordinal,
                began_at=since + offset,
                occurred_at=time.monotonic() + offset,
            )
            self._observers.notify(record)

    def _failed(self, session_id: str, ordinal: int, error: BaseException) -> None:
        """Counts a failure of the receiver; raises what is none."""
        if isinstance(error, ENDS_THE_PROCESS) or is_cancelled(error):
            raise error
        self._failing.count(session_id, ordinal, error)

    def _ended(self, queue: _Queue) -> None:
        session_id = queue.session_id
        del self._queues[session_id]
        if self._closed:
            self._failing.sum_up(session_id)
        if queue.dropped > 1:
            self._overflowed(queue, queue.last_dropped, queue.dropped)

    def _overflowed(self, queue: _Queue, ordinal: int, count: int) -> None:
        error = DeliveryOverflowError(count, MAX_WAITING_BATCHES)
        self._failing.tell(queue.session_id, ordinal, error)


class Fanouts:
    """The Hub's fan-outs and feeds, each isolated from the others and from publishers."""

    def __init__(self, tasks: BackgroundTasks, keep: Keep, observers: Observers) -> None:
        self._tasks = tasks
        self._keep = keep
        self._observers = observers
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
            delivery = _Delivery(receiver, name, self._tasks, self._keep, self._observers)
            self._deliveries.append(delivery)

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
        at = time.monotonic() if self._observers else 0.0
        shared = False  # feeds change nothing, so they share; a fan-out might
        for delivery in self._deliveries:
            if delivery.receiver.has_history:
                delivery.offer(session_id, batches, at)
                shared = True
        for delivery in self._deliveries:
            if not delivery.receiver.has_history:
                own = [_copy(each) for each in batches] if shared else batches
                delivery.offer(session_id, own, at)
                shared = True

    def reset(self, session_id: str) -> None:
        """Queues for every feed, in its place, that what the session was is void."""
        for delivery in self._deliveries:
            if delivery.receiver.has_history:
                delivery.reset(session_id)


def _copy(batch: UIBatch) -> UIBatch:
    return replace(batch, events=tuple(with_own_payload(event) for event in batch.events))
