"""From sessions to fan-outs, in order, without anyone waiting."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from sessionstream.fanout import UIFanout
from sessionstream.namespaces import free_name
from sessionstream.observer import ErrorRecord, ErrorSource, error_record, text_of
from sessionstream.payloads import with_own_payload
from sessionstream.tasks import ENDS_THE_PROCESS, BackgroundTasks, is_cancelled
from sessionstream.types import UIEvent

logger = logging.getLogger("sessionstream.fanout")

# A fan-out that has this many batches of a session waiting gets no more of it.
MAX_WAITING_BATCHES = 1024

# In so many sessions, at most, is remembered that a fan-out fails; the others are told of anew.
MAX_FAILING_SESSIONS = 1024

UIEvents = Sequence[UIEvent[Message]]

Batch = tuple[int, UIEvents]
"""The ordinal of an event and its UI events."""


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

    batches: deque[Batch] = field(default_factory=deque)
    dropped: int = 0
    # The ordinal of the last batch that was dropped.
    last_dropped: int = 0


class _Delivery:
    """What waits for one fan-out: a queue per session that has something waiting.

    A queue lives as long as the task that empties it; an idle session has neither.
    """

    def __init__(self, fanout: UIFanout, name: str, tasks: BackgroundTasks, keep: Keep) -> None:
        self.fanout = fanout
        self.name = name
        self._tasks = tasks
        self._keep = keep
        # Guard: the event loop.
        self._queues: dict[str, _Queue] = {}
        self._closed = False
        # Sessions on whose last batch it failed; where it failed last comes last.
        self._failing: OrderedDict[str, _Failures] = OrderedDict()

    def offer(self, session_id: str, batches: Sequence[Batch]) -> None:
        queue = self._queues.get(session_id)
        if queue is None:
            queue = self._queues[session_id] = _Queue()
            self._tasks.start(self._run(session_id, queue), f"fan-out of {session_id}")
        if len(queue.batches) >= MAX_WAITING_BATCHES:
            self._drop(session_id, queue, batches)
        else:  # all of a commit, however much a projection caught up on: nobody was slow yet
            queue.batches.extend(batches)

    def _drop(self, session_id: str, queue: _Queue, batches: Sequence[Batch]) -> None:
        # One that is stuck for ever must not give a record for every batch for ever.
        if not queue.dropped:
            self._failed(session_id, batches[0][0], DeliveryOverflowError(1))
        queue.dropped += len(batches)
        queue.last_dropped = batches[-1][0]

    async def _run(self, session_id: str, queue: _Queue) -> None:
        try:
            while queue.batches:
                ordinal, events = queue.batches.popleft()
                await self._deliver(session_id, ordinal, events)
        finally:
            del self._queues[session_id]
            if self._closed:
                self._sum_up(session_id)
            if queue.dropped > 1:
                self._failed(session_id, queue.last_dropped, DeliveryOverflowError(queue.dropped))

    async def _deliver(self, session_id: str, ordinal: int, events: UIEvents) -> None:
        try:
            await self.fanout.publish_ui(session_id, ordinal, events)
        except ENDS_THE_PROCESS:
            raise
        except BaseException as error:  # a fan-out's failure is its own
            if is_cancelled(error):
                raise
            self._count(session_id, ordinal, error)
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
    """The Hub's fan-outs, each isolated from the others and from publishers."""

    def __init__(self, tasks: BackgroundTasks, keep: Keep) -> None:
        self._tasks = tasks
        self._keep = keep
        self._deliveries: list[_Delivery] = []

    def add(self, fanout: UIFanout) -> None:
        """Adds a fan-out, unless it is there; it receives what is committed from now on."""
        if all(known.fanout is not fanout for known in self._deliveries):
            name = free_name(type(fanout).__name__, [known.name for known in self._deliveries])
            self._deliveries.append(_Delivery(fanout, name, self._tasks, self._keep))

    def remove(self, fanout: UIFanout) -> None:
        """Removes a fan-out; it still gets what was queued for it."""
        removed = [known for known in self._deliveries if known.fanout is fanout]
        self._deliveries = [kept for kept in self._deliveries if kept.fanout is not fanout]
        for delivery in removed:
            delivery.close()

    def close(self) -> None:
        """Tells how often those failed that still do."""
        for delivery in self._deliveries:
            delivery.close()

    def deliver(self, session_id: str, batches: Sequence[Batch]) -> None:
        """Queues the UI events of one commit for every fan-out; does not suspend."""
        for delivery in self._deliveries[1:]:  # before the first can have changed a payload
            delivery.offer(session_id, [(ordinal, _copies(events)) for ordinal, events in batches])
        for delivery in self._deliveries[:1]:
            delivery.offer(session_id, batches)


def _copies(events: UIEvents) -> UIEvents:
    return tuple(with_own_payload(event) for event in events)
