"""Whatever happens in whatever order, a subscription gets each batch once and in order."""

from __future__ import annotations

import json
from dataclasses import dataclass

from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sessionstream import Snapshot, UIEvent
from sessionstream.transport.actions import Action, Answer, Authorize, Deliver, Load
from sessionstream.transport.dialects import V2_JSON
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.readings import Opened
from sessionstream.transport.requests import Ask, SubscribeMode, Subscribing
from sessionstream.transport.settings import TransportSettings
from sessionstream.transport.shared import Page, SharedBatch, SharedSnapshot
from sessionstream.transport.subscriptions import Subscriptions
from sessionstream.types import Position, UIBatch

SESSION = "s"


@dataclass
class Life:
    """One life of the session: which of its events had UI events, and how far it is."""

    epoch: str
    head: int
    shown: list[int]


class AnyOrder(RuleBasedStateMachine):
    """One session and one client of version 2.

    Events are committed, then fanned out some time later. A load reads the
    store at one instant and hands it in at a later one, also when it was
    replaced meanwhile. The client checks what the protocol promises it.
    """

    def __init__(self) -> None:
        super().__init__()
        few = TransportSettings(max_queued_frames=3, max_replayed_batches=6)
        self.under_test = Subscriptions(V2_JSON, few)
        self.life = Life("e0", 0, [])
        self.lives = {"e0": self.life}
        self.timeline_is_back = 0
        self.has_lost = False
        self.kept_after = 0
        self.not_fanned_out: list[SharedBatch | None] = []  # None: a reset
        self.loads: list[Load] = []
        self.read: list[tuple[Load, SharedSnapshot | Page | Position]] = []
        self.queue: list[Answer | Deliver] = []
        # The client: where it is, and whether it was told that it is live.
        self.epoch, self.cursor = "", 0
        self.wants = self.is_live = self.has_begun = False

    # -- the session ---------------------------------------------------------------

    @rule(has_ui_events=st.booleans())
    def commit(self, has_ui_events: bool) -> None:
        self.life.head += 1
        if has_ui_events:
            self.not_fanned_out.append(self._batch(self.life, self.life.head))
            self.life.shown.append(self.life.head)

    @precondition(lambda self: self.not_fanned_out)
    @rule(times=st.integers(1, 5))
    def fan_out(self, times: int) -> None:
        for _ in range(min(times, len(self.not_fanned_out))):
            batch = self.not_fanned_out.pop(0)
            if batch is None:
                self._take(self.under_test.reset(SESSION))
            else:
                self._take(self.under_test.deliver(batch))

    @rule()
    def commit_what_the_feed_loses(self) -> None:
        """A feed that is far behind loses batches."""
        self.life.head += 1
        self.life.shown.append(self.life.head)
        self.has_lost = True

    @rule()
    def fan_out_an_ephemeral_event(self) -> None:
        self._take(self.under_test.deliver(self._batch(self.life, 0)))

    @precondition(lambda self: self.life.shown)
    @rule(data=st.data())
    def forget_history(self, data: st.DataObject) -> None:
        self.kept_after = max(self.kept_after, data.draw(st.sampled_from(self.life.shown)))

    @rule(events=st.integers(0, 3))
    def hold_the_timeline_back(self, events: int) -> None:
        self.timeline_is_back = events

    @rule()
    def begin_anew(self) -> None:
        self.life = Life(f"e{int(self.life.epoch[1:]) + 1}", 0, [])
        self.lives[self.life.epoch] = self.life
        self.kept_after = 0
        self.not_fanned_out.append(None)

    # -- the client ------------------------------------------------------------------

    @rule(mode=st.sampled_from(SubscribeMode), since=st.integers(0, 5), is_now=st.booleans())
    def subscribe(self, mode: SubscribeMode, since: int, is_now: bool) -> None:
        epoch = self.life.epoch if is_now else "e0"
        self._start(Subscribing(session_id=SESSION, mode=mode, since=since, epoch=epoch))

    @precondition(lambda self: self.epoch)
    @rule(mode=st.sampled_from([SubscribeMode.RESUME, SubscribeMode.RESUME_ONLY]))
    def resume(self, mode: SubscribeMode) -> None:
        self._start(Subscribing(session_id=SESSION, mode=mode, since=self.cursor, epoch=self.epoch))

    def _start(self, asked: Subscribing) -> None:
        self.queue.clear()
        self.wants, self.is_live, self.has_begun = True, False, False
        self.asked = asked
        if asked.mode in (SubscribeMode.RESUME, SubscribeMode.RESUME_ONLY):
            self.epoch, self.cursor, self.has_begun = asked.epoch, asked.since, True
        elif asked.mode is SubscribeMode.LIVE:
            self.epoch, self.cursor = "", 0
        self._take(self.under_test.subscribe(asked))

    @rule()
    def unsubscribe(self) -> None:
        self.queue.clear()
        self.wants = self.is_live = False
        self._take(self.under_test.unsubscribe(SESSION))
        self.queue.clear()

    @precondition(lambda self: self.queue)
    @rule(count=st.integers(1, 8))
    def hear(self, count: int) -> None:
        heard, self.queue = self.queue[:count], self.queue[count:]
        for action in heard:
            self._hear(action.frames)

    @precondition(lambda self: any(isinstance(each, Deliver) for each in self.queue))
    @rule()
    def a_full_queue_is_dropped(self) -> None:
        """What came before the last answer is kept, as `Outbox.keep` does."""
        last = max((n for n, each in enumerate(self.queue) if isinstance(each, Answer)), default=-1)
        lost = [each for each in self.queue[last + 1 :] if isinstance(each, Deliver)]
        if lost and self.under_test.live():
            self.queue = self.queue[: last + 1]
            self._take(self.under_test.dropped(SESSION, lost[0].cursor))

    @rule()
    def reads_again(self) -> None:
        self._take(self.under_test.catch_up())

    @rule()
    def look(self) -> None:
        self.has_lost = self.has_lost and not self.under_test.live()
        self._take(self.under_test.look(SESSION, self._position()))

    # -- loads ------------------------------------------------------------------------

    @precondition(lambda self: self.loads)
    @rule(data=st.data())
    def a_load_reads_the_store(self, data: st.DataObject) -> None:
        load = data.draw(st.sampled_from(self.loads))
        self.loads.remove(load)
        self.read.append((load, self._stored(load)))

    @precondition(lambda self: self.read)
    @rule(data=st.data())
    def a_load_ends(self, data: st.DataObject) -> None:
        load, result = data.draw(st.sampled_from(self.read))
        self.read.remove((load, result))
        self._end(load, result)

    def _end(self, load: Load, result: SharedSnapshot | Page | Position) -> None:
        match result:
            case SharedSnapshot():
                self._take(self.under_test.opened(load, result))
            case Page():
                self._take(self.under_test.read(load, result))
            case Position():
                self._take(self.under_test.positioned(load, result))

    @rule()
    def everything_comes_to_rest(self) -> None:
        self.fan_out(len(self.not_fanned_out))
        for _ in range(100):
            if self.loads:
                load = self.loads.pop(0)
                self.read.append((load, self._stored(load)))
            elif self.read:
                self._end(*self.read.pop(0))
            else:
                break
        self.hear(len(self.queue))
        assert [*self.loads, *self.read] == [], "it comes to an end"

    def _stored(self, load: Load) -> SharedSnapshot | Page | Position:
        position = self._position()
        if load.ask is Ask.SNAPSHOT:
            held_back = max(0, self.life.head - self.timeline_is_back)
            snapshot = Snapshot(session_id=SESSION, snapshot_ordinal=held_back, entities=())
            return SharedSnapshot(Opened(snapshot=snapshot, position=position))
        if load.ask is Ask.POSITION:
            return position
        kept = [each for each in self.life.shown if each > max(load.after, self.kept_after)][:2]
        batches = tuple(self._batch(self.life, ordinal) for ordinal in kept)
        reaches = (
            batches[0].previous_ordinal <= load.after if kept else position.shown <= load.after
        )
        return Page(position=position, batches=batches, reaches_back=reaches, unreadable=0)

    def _position(self) -> Position:
        shown = self.life.shown[-1] if self.life.shown else 0
        return Position(epoch=self.life.epoch, head=self.life.head, shown=shown)

    def _batch(self, life: Life, ordinal: int) -> SharedBatch:
        before = [each for each in life.shown if each < ordinal]
        event = UIEvent(name="U", payload=StringValue(value=life.epoch))
        return SharedBatch(
            UIBatch(
                session_id=SESSION,
                epoch=life.epoch,
                ordinal=ordinal,
                previous_ordinal=before[-1] if before else 0,
                events=(event,),
            )
        )

    # -- what the client sees -----------------------------------------------------------

    @invariant()
    def it_settles_when_nothing_more_happens(self) -> None:
        """A live client that was sent everything has everything that was fanned out."""
        under_way = [*self.queue, *self.loads, *self.read, *self.not_fanned_out]
        if self.is_live and self.under_test.live() and not under_way and not self.has_lost:
            assert self.epoch == self.life.epoch
            assert self.cursor >= max(self.life.shown, default=0)

    def _take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Authorize():
                    self._take(self.under_test.authorized(action, True))
                case Load():
                    self.loads.append(action)
                case Answer() | Deliver():
                    self.queue.append(action)
                case _:
                    pass

    def _hear(self, frames: Encoded) -> None:
        for message in frames.messages:
            ((kind, body),) = json.loads(message).items()
            match kind:
                case "snapshot":
                    assert self.wants
                    assert self.asked.mode is not SubscribeMode.RESUME_ONLY or self.is_live
                    self.has_begun = True
                    self.epoch, self.cursor = body.get("epoch", ""), int(body["snapshotOrdinal"])
                case "uiEvent":
                    self._hear_event(body)
                case "subscribed":
                    assert not self.is_live
                    self._move(body)
                    self.is_live = self.has_begun = True
                case "position":
                    assert self.is_live
                    self._move(body)
                case "error":
                    assert self.asked.mode is SubscribeMode.RESUME_ONLY
                    self.wants = self.is_live = False
                case _:
                    raise AssertionError(kind)

    def _move(self, body: dict[str, str]) -> None:
        if self.asked.mode is not SubscribeMode.LIVE or self.is_live:
            assert body["epoch"] == self.epoch, "only a snapshot changes it"
            kept = max(self.cursor, self.kept_after)
            missed = [n for n in self.life.shown if kept < n <= int(body["headOrdinal"])]
            is_gone = self.epoch != self.life.epoch
            assert is_gone or not missed, "it moves past nothing that is kept"
        self.epoch = body["epoch"]
        self.cursor = max(self.cursor, int(body["headOrdinal"]))

    def _hear_event(self, body: dict[str, object]) -> None:
        ordinal, previous = int(str(body["eventOrdinal"])), int(str(body["previousOrdinal"]))
        if ordinal == 0:
            return
        assert self.has_begun
        assert body["payload"]["value"] == self.epoch  # type: ignore[index]
        assert ordinal > self.cursor, "none comes twice"
        assert previous <= self.cursor, "none is left out"
        self.cursor = ordinal


def test_asking_for_live_events_forgets_an_earlier_position() -> None:
    """An order that the machine once found: the mistake was its own."""
    machine = AnyOrder()
    machine.subscribe(is_now=False, mode=SubscribeMode.RESUME, since=1)
    machine.subscribe(is_now=False, mode=SubscribeMode.LIVE, since=0)
    machine.everything_comes_to_rest()
    machine.commit(has_ui_events=True)
    machine.everything_comes_to_rest()
    assert machine.cursor == 1


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
