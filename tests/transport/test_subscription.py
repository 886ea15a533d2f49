"""What becomes of batches on one subscription, and what is read for it."""

from __future__ import annotations

from itertools import product

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sessionstream import Snapshot, UIEvent
from sessionstream.transport.fates import FATES, Fate, Kind, State
from sessionstream.transport.readings import Opened
from sessionstream.transport.requests import (
    Announce,
    Ask,
    Impossible,
    Next,
    Outcome,
    Reason,
    Replay,
    Show,
    Skip,
    Step,
    SubscribeMode,
    Subscribing,
    Tell,
)
from sessionstream.transport.shared import Page, SharedBatch, SharedSnapshot
from sessionstream.transport.subscription import Subscription
from sessionstream.types import Position, UIBatch


def batch(ordinal: int, previous: int | None = None, epoch: str = "e") -> SharedBatch:
    """A batch that follows on the ordinal before it, unless told."""
    return SharedBatch(
        UIBatch(
            session_id="s",
            epoch=epoch,
            ordinal=ordinal,
            previous_ordinal=max(0, ordinal - 1) if previous is None else previous,
            events=(UIEvent(name="U", payload=StringValue(value="x")),),
        )
    )


def at(head: int, shown: int | None = None, epoch: str = "e") -> Position:
    return Position(epoch=epoch, head=head, shown=head if shown is None else shown)


def snapshot(ordinal: int, position: Position | None = None) -> SharedSnapshot:
    timeline = Snapshot(session_id="s", snapshot_ordinal=ordinal, entities=())
    return SharedSnapshot(Opened(snapshot=timeline, position=position or at(ordinal)))


def page(position: Position, *batches: SharedBatch, reaches_back: bool = True) -> Page:
    return Page(position=position, batches=batches, reaches_back=reaches_back, unreadable=0)


def begun(
    mode: SubscribeMode = SubscribeMode.SNAPSHOT, since: int = 0, most: int = 100
) -> Subscription:
    asked = Subscribing(session_id="s", mode=mode, since=since, epoch="e")
    subscription = Subscription(asked, 1, most)
    subscription.begin()
    return subscription


def live(ordinal: int) -> Subscription:
    subscription = begun()
    subscription.opened(snapshot(ordinal))
    return subscription


def told(steps: list[Step]) -> list[str]:
    """The steps as words."""
    return [_word(step) for step in steps]


def _word(step: Step) -> str:
    match step:
        case Show(snapshot=shown):
            return f"snapshot {shown.ordinal}"
        case Replay(batch=shown_batch):
            return f"batch {shown_batch.ordinal}"
        case Announce(outcome=outcome, reason=reason):
            return f"{outcome.name} {reason.name}"
        case Skip(head=head):
            return f"nothing up to {head}"
        case Tell():
            return "position"
        case Next(ask=Ask.HISTORY, after=after):
            return f"read after {after}"
        case Next(ask=ask):
            return f"read {ask.name.lower()}"
        case Impossible(reason=reason):
            return f"impossible {reason.name}"


ANNOUNCED = f"{Outcome.SNAPSHOT_SENT.name} {Reason.AS_REQUESTED.name}"


class TestTheTable:
    def test_every_state_has_a_fate_for_every_kind(self) -> None:
        assert {(state, kind) for state in FATES for kind in FATES[state]} == set(
            product(State, Kind)
        )

    def test_nothing_is_sent_in_another_state_than_live(self) -> None:
        others = [state for state in State if state is not State.LIVE]
        assert all(Fate.SEND not in FATES[state].values() for state in others)

    @pytest.mark.parametrize("ordinal", [0, 4, 5, 6, 7])
    @pytest.mark.parametrize("epoch", ["e", "other"])
    def test_the_short_form_passes_what_the_table_sends(self, ordinal: int, epoch: str) -> None:
        given = batch(ordinal, epoch=epoch)
        quick, slow = live(5), live(5)
        assert quick.passes(given) == (slow.offer(given)[0] is Fate.SEND)
        if slow.state is State.LIVE:
            assert quick.cursor == slow.cursor


class TestASnapshot:
    def test_is_followed_by_what_was_held_above_it(self) -> None:
        subscription = begun()
        for ordinal in (4, 5, 6):
            assert subscription.offer(batch(ordinal))[0] is Fate.HOLD
        steps = subscription.opened(snapshot(4))
        assert told(steps) == ["snapshot 4", "batch 5", "batch 6", ANNOUNCED]

    def test_below_the_ui_events_is_followed_by_those_above_it(self) -> None:
        """A timeline that is held back while the UI goes on leaves no gap."""
        subscription = begun()
        steps = subscription.opened(snapshot(3, at(6, shown=5)))
        assert told(steps) == ["snapshot 3", "read after 3"]
        steps = subscription.read(page(at(6, shown=5), batch(4), batch(5)))
        assert told(steps) == ["batch 4", "batch 5", ANNOUNCED]
        assert subscription.head == 6

    def test_goes_on_where_those_are_not_kept(self) -> None:
        subscription = begun()
        subscription.opened(snapshot(3, at(6, shown=5)))
        steps = subscription.read(page(at(6, shown=5), reaches_back=False))
        assert told(steps) == ["read snapshot"]
        assert told(subscription.opened(snapshot(3, at(6, shown=5)))) == [ANNOUNCED]
        assert subscription.cursor == 5

    def test_goes_on_with_what_is_kept_behind_a_gap_that_nothing_fills(self) -> None:
        """The client is told first that there is nothing else before it."""
        subscription, now = begun(), at(20)
        subscription.opened(snapshot(1, now))
        gap = page(now, *map(batch, range(17, 21)), reaches_back=False)
        assert told(subscription.read(gap)) == ["read snapshot"]
        steps = subscription.opened(snapshot(1, now))
        assert told(steps) == [ANNOUNCED, "read after 16"]
        assert isinstance(steps[0], Announce)
        assert steps[0].head == 16
        steps = subscription.read(page(now, *map(batch, range(17, 21))))
        assert told(steps) == [*(f"batch {each}" for each in range(17, 21))]
        assert (subscription.state, subscription.cursor) == (State.LIVE, 20)

    def test_keeps_what_it_holds_where_nothing_before_it_is_kept(self) -> None:
        subscription = begun()
        subscription.offer(batch(8))
        subscription.opened(snapshot(5, at(8)))
        subscription.read(page(at(8), reaches_back=False))
        steps = subscription.opened(snapshot(5, at(8)))
        assert told(steps) == [ANNOUNCED, "batch 8"]
        assert isinstance(steps[0], Announce)
        assert steps[0].head == 7

    def test_goes_on_behind_a_batch_that_can_not_be_read(self) -> None:
        subscription, now = begun(), at(8)
        subscription.opened(snapshot(5, now))
        subscription.read(Page(position=now, batches=(), reaches_back=False, unreadable=6))
        assert told(subscription.opened(snapshot(5, now))) == [ANNOUNCED, "read after 6"]

    def test_is_followed_by_more_than_the_limit_where_no_newer_one_is_had(self) -> None:
        subscription, now = begun(most=4), at(20)
        subscription.opened(snapshot(5, now))
        subscription.read(page(now, *map(batch, range(6, 10))))
        assert told(subscription.read(page(now, batch(10)))) == ["read snapshot"]
        assert told(subscription.opened(snapshot(5, now))) == ["read after 9"]
        steps = subscription.read(page(now, *map(batch, range(10, 21))))
        assert told(steps) == [*(f"batch {each}" for each in range(10, 21)), ANNOUNCED]

    def test_of_a_later_load_tells_of_the_gap_by_a_position(self) -> None:
        subscription, now = live(3), at(20)
        subscription.reset()
        subscription.opened(snapshot(3, now))
        subscription.read(page(now, batch(17), reaches_back=False))
        steps = subscription.opened(snapshot(3, now))
        assert told(steps) == ["nothing up to 16", "read after 16"]

    def test_that_has_fallen_behind_what_is_kept_is_taken_once_more(self) -> None:
        """So much was published since that nothing else holds what is between."""
        subscription = begun()
        subscription.offer(batch(9))
        subscription.opened(snapshot(3))
        subscription.read(page(at(9), reaches_back=False))
        steps = subscription.opened(snapshot(9, at(9)))
        assert told(steps) == ["snapshot 9", ANNOUNCED]

    def test_of_a_life_that_is_over_is_read_again(self) -> None:
        subscription = begun()
        subscription.reset()
        assert told(subscription.opened(snapshot(9))) == ["read snapshot"]
        assert told(subscription.opened(snapshot(0, at(0, epoch="f")))) == ["snapshot 0", ANNOUNCED]

    def test_an_ephemeral_batch_is_not_held(self) -> None:
        subscription = begun()
        assert subscription.offer(batch(0))[0] is Fate.DROP
        assert told(subscription.opened(snapshot(0))) == ["snapshot 0", ANNOUNCED]


class TestResuming:
    def test_sends_what_came_after_the_position_page_by_page(self) -> None:
        subscription = begun(SubscribeMode.RESUME, since=2)
        assert told(subscription.read(page(at(4), batch(3)))) == ["batch 3", "read after 3"]
        assert told(subscription.read(page(at(5), batch(4)))) == ["batch 4", "read after 4"]
        assert told(subscription.read(page(at(5), batch(5)))) == ["batch 5", "RESUMED AS_REQUESTED"]

    def test_at_the_head_sends_nothing(self) -> None:
        subscription = begun(SubscribeMode.RESUME, since=2)
        assert told(subscription.read(page(at(4, shown=2)))) == ["RESUMED AS_REQUESTED"]
        assert subscription.head == 4

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (page(at(9, epoch="other")), Reason.EPOCH_CHANGED),
            (page(at(1)), Reason.AHEAD_OF_HEAD),
            (page(at(9), batch(5), reaches_back=False), Reason.HISTORY_GONE),
            (
                Page(position=at(9), batches=(), reaches_back=False, unreadable=6),
                Reason.HISTORY_UNREADABLE,
            ),
            (page(at(9), batch(3), batch(4), batch(5)), Reason.TOO_FAR_BEHIND),
        ],
    )
    def test_gives_a_snapshot_where_it_can_not_be_and_says_why(
        self, given: Page, reason: Reason
    ) -> None:
        subscription = begun(SubscribeMode.RESUME, since=2, most=2)
        assert told(subscription.read(given)) == ["read snapshot"]
        steps = subscription.opened(snapshot(9))
        assert told(steps) == ["snapshot 9", f"SNAPSHOT_SENT {reason.name}"]

    def test_only_is_impossible_instead(self) -> None:
        subscription = begun(SubscribeMode.RESUME_ONLY, since=2)
        assert told(subscription.read(page(at(1)))) == ["impossible AHEAD_OF_HEAD"]

    def test_only_is_never_too_far_behind(self) -> None:
        subscription = begun(SubscribeMode.RESUME_ONLY, since=2, most=1)
        steps = subscription.read(page(at(4), batch(3), batch(4)))
        assert told(steps) == ["batch 3", "batch 4", "RESUMED AS_REQUESTED"]

    def test_reads_what_was_held_too_long_and_dropped(self) -> None:
        subscription = begun(SubscribeMode.RESUME, since=2)
        subscription.offer(batch(5))
        assert told(subscription.read(page(at(3), batch(3)))) == ["batch 3", "read after 3"]
        steps = subscription.read(page(at(5), batch(4), batch(5)))
        assert told(steps) == ["batch 4", "batch 5", "RESUMED AS_REQUESTED"]

    def test_reads_what_was_dropped_also_where_nothing_follows_it(self) -> None:
        """What was read may be older, and the next batch may be hours away."""
        subscription = begun(SubscribeMode.RESUME, since=2)
        subscription.offer(batch(4))
        subscription.drop_held()
        assert told(subscription.read(page(at(3), batch(3)))) == ["batch 3", "read after 3"]
        steps = subscription.read(page(at(4), batch(4)))
        assert told(steps) == ["batch 4", "RESUMED AS_REQUESTED"]


class TestLive:
    def test_mode_begins_at_the_head(self) -> None:
        subscription = begun(SubscribeMode.LIVE)
        subscription.offer(batch(7))
        subscription.offer(batch(8))
        assert told(subscription.positioned(at(7))) == ["LIVE_ONLY AS_REQUESTED", "batch 8"]

    def test_a_gap_is_read_and_nothing_is_announced(self) -> None:
        subscription = live(5)
        fate, steps = subscription.offer(batch(8))
        assert (fate, told(steps)) == (Fate.FILL, ["read after 5"])
        steps = subscription.read(page(at(8), batch(6), batch(7)))
        assert told(steps) == ["batch 6", "batch 7", "batch 8"]

    def test_another_epoch_needs_a_snapshot_and_then_a_position(self) -> None:
        subscription = live(5)
        fate, steps = subscription.offer(batch(1, epoch="f"))
        assert (fate, told(steps)) == (Fate.RELOAD, ["read snapshot"])
        steps = subscription.opened(snapshot(0, at(0, epoch="f")))
        assert told(steps) == ["snapshot 0", "batch 1", "position"]

    def test_a_reset_needs_a_snapshot(self) -> None:
        assert told(live(5).reset()) == ["read snapshot"]

    def test_a_look_tells_the_position_once(self) -> None:
        subscription = live(5)
        assert told(subscription.look(at(7, shown=5))) == ["position"]
        assert told(subscription.look(at(7, shown=5))) == []

    def test_a_look_never_overtakes_a_batch(self) -> None:
        assert told(live(5).look(at(7, shown=6))) == ["read after 5"]


class TestLagging:
    def test_what_was_dropped_is_read_when_it_catches_up(self) -> None:
        subscription = live(5)
        for ordinal in (6, 7):
            assert subscription.passes(batch(ordinal))
        subscription.lag(5)
        assert subscription.offer(batch(8))[0] is Fate.DROP
        assert told(subscription.catch_up()) == ["read after 5"]
        steps = subscription.read(page(at(8), batch(6), batch(7), batch(8)))
        assert told(steps) == ["batch 6", "batch 7", "batch 8"]
        assert subscription.state is State.LIVE

    def test_a_snapshot_replaces_what_is_not_kept(self) -> None:
        subscription = live(5)
        subscription.lag(5)
        subscription.catch_up()
        assert told(subscription.read(page(at(9), reaches_back=False))) == ["read snapshot"]
        assert told(subscription.opened(snapshot(9))) == ["snapshot 9", "position"]

    def test_a_reset_meanwhile_needs_a_snapshot(self) -> None:
        subscription = live(5)
        subscription.lag(5)
        subscription.reset()
        assert told(subscription.catch_up()) == ["read snapshot"]

    def test_a_reset_forgets_what_was_held_too_long_before_it(self) -> None:
        subscription = begun()
        subscription.offer(batch(6))
        subscription.drop_held()
        subscription.reset()
        assert told(subscription.opened(snapshot(5))) == ["read snapshot"]
        fresh = snapshot(0, at(0, epoch="next"))
        assert told(subscription.opened(fresh)) == ["snapshot 0", ANNOUNCED]

    def test_catching_up_is_for_nobody_else(self) -> None:
        assert live(5).catch_up() == []
