"""What becomes of a batch on one subscription."""

from __future__ import annotations

from itertools import product

import pytest

from sessionstream.transport.frames import UIBatch
from sessionstream.transport.subscription import FATES, Age, Fate, State, Subscription


def batch(ordinal: int) -> UIBatch:
    return UIBatch("s", ordinal, (f"event {ordinal}",), (10,))


def live(snapshot_ordinal: int) -> Subscription:
    subscription = Subscription("s", 0, 1)
    subscription.go_live(snapshot_ordinal)
    return subscription


class TestTheTable:
    def test_every_state_has_a_fate_for_every_age(self) -> None:
        assert set(FATES) == set(product(State, Age))

    @pytest.mark.parametrize("state", State)
    def test_an_old_batch_is_never_sent(self, state: State) -> None:
        assert FATES[state, Age.OLD] is Fate.DROP

    def test_nothing_is_sent_before_the_snapshot(self) -> None:
        assert all(FATES[State.LOADING, age] is not Fate.SEND for age in Age)


class TestLoading:
    def test_held_batches_above_the_snapshot_follow_it_in_order(self) -> None:
        subscription = Subscription("s", 0, 1)
        for ordinal in (3, 4, 5, 6):
            assert subscription.offer(batch(ordinal)) is Fate.HOLD
        assert [held.ordinal for held in subscription.go_live(4)] == [5, 6]

    def test_an_ephemeral_batch_is_not_held(self) -> None:
        subscription = Subscription("s", 0, 1)
        assert subscription.offer(batch(0)) is Fate.DROP
        assert subscription.go_live(0) == ()

    def test_what_is_held_is_counted_until_the_snapshot(self) -> None:
        subscription = Subscription("s", 0, 1)
        subscription.offer(batch(1))
        subscription.offer(batch(2))
        assert (subscription.held_frames, subscription.held_bytes) == (2, 20)
        subscription.go_live(0)
        assert (subscription.held_frames, subscription.held_bytes) == (0, 0)


class TestLive:
    def test_a_batch_older_than_the_snapshot_is_never_delivered(self) -> None:
        """Fan-out may lag behind the store: the snapshot had it first."""
        subscription = live(snapshot_ordinal=5)
        assert [subscription.offer(batch(n)) for n in (4, 5)] == [Fate.DROP, Fate.DROP]
        assert subscription.offer(batch(6)) is Fate.SEND

    def test_a_batch_that_was_held_is_not_delivered_again(self) -> None:
        subscription = Subscription("s", 0, 1)
        subscription.offer(batch(7))
        subscription.go_live(6)
        assert subscription.offer(batch(7)) is Fate.DROP

    def test_ordinals_never_go_backwards(self) -> None:
        subscription = live(snapshot_ordinal=0)
        assert subscription.offer(batch(9)) is Fate.SEND
        assert subscription.offer(batch(8)) is Fate.DROP

    def test_an_ephemeral_batch_is_delivered_and_moves_nothing(self) -> None:
        subscription = live(snapshot_ordinal=5)
        assert subscription.offer(batch(0)) is Fate.SEND
        assert subscription.offer(batch(6)) is Fate.SEND
