"""What waits to be sent to one client: bounded, and filled without waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sessionstream.transport.actions import Deliver
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.flag import Flag
from sessionstream.transport.settings import TransportSettings


@dataclass(slots=True)
class _Share:
    """What waits of one session and may be dropped."""

    count: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    frames: Encoded
    session_id: str
    delivery: Deliver | None = None  # None for an answer
    share: _Share | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A session of which everything after ``cursor`` is not sent."""

    session_id: str
    cursor: int


class Outbox:
    """A queue with two kinds of content and one limit for each.

    UI events come at the pace of publishers, which never wait: when they would
    exceed the limit, ephemeral ones give way, as far as that is enough: former
    ones of the same keys first, so that of these the latest stays, then the
    oldest. Where it is not enough, a new ephemeral one is left out, and for a
    stored one the session that has the largest share loses all that waits of
    it. What is being sent goes out whole.

    Answers come at the pace of the client: whoever produces them first waits
    in `wait_for_room`, so that a client which asks much and reads little gets
    slow answers, and a large snapshot pushes no event out.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self._max_frames = settings.max_queued_frames
        self._max_bytes = settings.max_queued_bytes
        # Guarded by the event loop: no method suspends between two changes.
        # A list, although its front is taken: an empty deque has 700 bytes, for every client.
        self._waiting: list[_Waiting] = []
        self._shares: dict[str, _Share] = {}
        self._event_frames = 0
        self._event_bytes = 0
        self._answer_frames = 0
        self._answer_bytes = 0
        self._filled = Flag()
        self._room = Flag(is_set=True)
        self._sent = Flag(is_set=True)

    def __len__(self) -> int:
        """How many frames wait."""
        return self._event_frames + self._answer_frames

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return self._event_bytes + self._answer_bytes

    def is_idle(self) -> bool:
        """Whether everything was sent."""
        return self._sent.is_set()

    def is_low(self) -> bool:
        """Whether no more than half of the limit waits."""
        return len(self) * 2 <= self._max_frames and self.size * 2 <= self._max_bytes

    def put_answer(self, frames: Encoded, session_id: str = "") -> None:
        """Queues an answer, whatever its size; it shows a session, or none."""
        self._put(_Waiting(frames, session_id))

    def put(self, delivery: Deliver) -> list[Dropped]:
        """Queues what is to be delivered; returns what had to be dropped, maybe that itself."""
        frames = delivery.frames
        if not self._fits(frames) and not self._let_give_way(delivery) and _is_ephemeral(delivery):
            return []
        dropped: list[Dropped] = []
        while not self._fits(frames):
            session_id = self._largest(delivery)
            lost = self._drop_session(session_id)
            if session_id == delivery.session_id:
                return [*dropped, lost or Dropped(session_id, delivery.cursor)]
            if lost is not None:
                dropped.append(lost)
        share = self._shares.setdefault(delivery.session_id, _Share())
        self._put(_Waiting(frames, delivery.session_id, delivery, share))
        return dropped

    def discard(self, session_id: str) -> None:
        """Drops all that waits of a session."""
        self._shares.pop(session_id, None)
        self._drop(lambda each: each.session_id == session_id)

    def keep(self, session_id: str) -> None:
        """Makes what waits of a session stay, since what comes next of it rests on that."""
        self._shares.pop(session_id, None)

    async def wait_for_room(self) -> None:
        """Returns when the answers that wait are below the limit."""
        await self._room.wait()

    async def get(self) -> Encoded:
        """Returns what is next to be sent; waits for it. A cancelled call takes nothing.

        Whoever calls again has sent what it got before.
        """
        # `clear` may come between the wake-up and the turn of whoever waits here.
        while not self._waiting:
            self._sent.set()
            await self._filled.wait()
        taken = self._waiting.pop(0)
        self._count(taken, -1)
        return taken.frames

    async def wait_until_sent(self) -> None:
        """Returns when everything was sent or dropped."""
        while not self._sent.is_set():
            await self._sent.wait()

    def clear(self) -> None:
        """Drops everything that waits."""
        self._drop(lambda _: True)
        self._sent.set()

    def _fits(self, frames: Encoded) -> bool:
        # A batch above the limit must pass once, or it could never be sent.
        return not self._event_frames or (
            self._event_frames + len(frames) <= self._max_frames
            and self._event_bytes + frames.size <= self._max_bytes
        )

    def _let_give_way(self, delivery: Deliver) -> bool:
        """Drops ephemeral frames until there is room; none where all are not enough."""
        count = self._event_frames + len(delivery.frames) - self._max_frames
        size = self._event_bytes + delivery.frames.size - self._max_bytes
        lost: set[int] = set()
        for each in self._giving_way(delivery):
            count -= len(each.frames)
            size -= each.frames.size
            lost.add(id(each))
            if count <= 0 and size <= 0:
                self._drop(lambda each: id(each) in lost)
                return True
        return False

    def _giving_way(self, later: Deliver) -> Iterator[_Waiting]:
        """Yields the ephemeral frames that wait, those first which the later ones replace."""
        ephemeral = [each for each in self._waiting if _is_ephemeral(each.delivery)]
        yield from (each for each in ephemeral if _is_former(each.delivery, later))
        yield from (each for each in ephemeral if not _is_former(each.delivery, later))

    def _largest(self, delivery: Deliver) -> str:
        """Returns the session that has most of a limit, with what is to be delivered."""

        def part(session_id: str) -> float:
            share = self._shares.get(session_id, _Share())
            is_own = session_id == delivery.session_id
            count = share.count + (len(delivery.frames) if is_own else 0)
            size = share.size + (delivery.frames.size if is_own else 0)
            return max(count / self._max_frames, size / self._max_bytes)

        return max((delivery.session_id, *self._shares), key=part)

    def _drop_session(self, session_id: str) -> Dropped | None:
        share = self._shares.pop(session_id, None)
        if share is None:
            return None
        lost = self._drop(lambda each: each.share is share)
        first = lost[0].delivery if lost else None
        return None if first is None else Dropped(session_id, first.cursor)

    def _drop(self, is_lost: Callable[[_Waiting], bool]) -> list[_Waiting]:
        kept: list[_Waiting] = []
        lost: list[_Waiting] = []
        for each in self._waiting:
            (lost if is_lost(each) else kept).append(each)
        if lost:
            self._waiting = kept
            for each in lost:
                self._count(each, -1)
        return lost

    def _put(self, waiting: _Waiting) -> None:
        self._sent.clear()
        self._waiting.append(waiting)
        self._count(waiting, 1)

    def _count(self, waiting: _Waiting, sign: int) -> None:
        count, size = sign * len(waiting.frames), sign * waiting.frames.size
        if waiting.delivery is None:
            self._answer_frames += count
            self._answer_bytes += size
        else:
            self._event_frames += count
            self._event_bytes += size
        if waiting.share is not None:
            waiting.share.count += count
            waiting.share.size += size
            if not waiting.share.count and waiting.delivery is not None:
                self._forget(waiting.delivery.session_id, waiting.share)
        _set(self._filled, bool(self._waiting))
        has_room = self._answer_frames < self._max_frames and self._answer_bytes < self._max_bytes
        _set(self._room, has_room)

    def _forget(self, session_id: str, share: _Share) -> None:
        if self._shares.get(session_id) is share:
            del self._shares[session_id]


def _is_ephemeral(delivery: Deliver | None) -> bool:
    return delivery is not None and delivery.keys is not None


def _is_former(waiting: Deliver | None, later: Deliver) -> bool:
    return (
        waiting is not None
        and waiting.keys == later.keys
        and waiting.session_id == later.session_id
    )


def _set(flag: Flag, value: bool) -> None:
    if value:
        flag.set()
    else:
        flag.clear()
