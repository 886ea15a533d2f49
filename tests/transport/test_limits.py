"""Token buckets and counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.limits import Counts, DistinctCounts, TokenBucket, TokenBuckets

PAUSES = st.lists(st.floats(0, 3), max_size=60)


class TestATokenBucket:
    def test_it_gives_a_burst_and_then_one_at_a_time(self) -> None:
        bucket = TokenBucket(rate=2, burst=3)
        assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
        assert bucket.wait(0.0) == 0.5
        assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]

    @given(PAUSES, st.floats(0.1, 10), st.integers(1, 10))
    def test_no_span_has_more_than_the_burst_and_what_came_back(
        self, pauses: list[float], rate: float, burst: int
    ) -> None:
        bucket, now, taken = TokenBucket(rate, burst), 0.0, list[float]()
        for pause in pauses:
            now += pause
            taken += [now] if bucket.take(now) else []
        for first, start in enumerate(taken):
            for last in range(first, len(taken)):
                assert last - first + 1 <= burst + rate * (taken[last] - start) + 1e-6

    @given(PAUSES, st.floats(0.1, 10), st.integers(1, 10))
    def test_after_the_wait_that_it_names_there_is_a_token(
        self, pauses: list[float], rate: float, burst: int
    ) -> None:
        bucket, now = TokenBucket(rate, burst), 0.0
        for pause in pauses:
            now += pause
            if not bucket.take(now):
                now += bucket.wait(now) + 1e-9
                assert bucket.take(now)

    def test_a_clock_that_goes_back_gives_nothing(self) -> None:
        bucket = TokenBucket(rate=1, burst=1)
        assert bucket.take(10.0)
        assert not bucket.take(5.0)
        assert not bucket.take(10.5)
        assert bucket.take(11.0)

    @pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0), (1, 0.5)])
    def test_one_that_would_never_give_anything_is_refused(self, rate: float, burst: float) -> None:
        with pytest.raises(ValueError, match=r"rate|burst"):
            TokenBucket(rate, burst)


class TestTokenBuckets:
    def test_one_key_takes_nothing_from_another(self) -> None:
        buckets = TokenBuckets(rate=1, burst=1)
        assert buckets.take("a", 0.0) == 0
        assert buckets.take("a", 0.0) == 1.0
        assert buckets.take("b", 0.0) == 0

    @given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 3)), max_size=60))
    def test_it_answers_as_if_it_forgot_nothing(self, calls: list[tuple[int, float]]) -> None:
        buckets, kept, now = TokenBuckets(rate=1, burst=2), dict[int, TokenBucket](), 0.0
        for key, pause in calls:
            now += pause
            same = kept.setdefault(key, TokenBucket(rate=1, burst=2))
            assert (buckets.take(key, now) == 0) == same.take(now)

    def test_keys_that_come_once_do_not_pile_up(self) -> None:
        buckets = TokenBuckets(rate=1, burst=2)
        for number in range(1000):
            buckets.take(number, now=float(number))
        assert len(buckets) <= 3


class TestDistinctCounts:
    def test_what_counts_already_is_free(self) -> None:
        counts = DistinctCounts(limit=1)
        assert counts.enter("ann", 1)
        assert counts.enter("ann", 1)
        assert not counts.enter("ann", 2)
        assert counts.enter("bob", 2)
        counts.leave("ann", 1)
        assert not counts.enter("ann", 2)
        counts.leave("ann", 1)
        assert counts.enter("ann", 2)

    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4))))
    def test_when_all_have_left_nothing_is_kept(self, things: list[tuple[int, int]]) -> None:
        counts = DistinctCounts(limit=3)
        entered = [each for each in things if counts.enter(*each)]
        for each in entered:
            counts.leave(*each)
        assert len(counts) == 0


class TestCounts:
    def test_one_above_the_limit_is_not_counted(self) -> None:
        counts = Counts(limit=2)
        assert [counts.enter("a") for _ in range(3)] == [True, True, False]
        counts.leave("a")
        assert counts.enter("a")
        assert not counts.enter("a")

    def test_one_key_does_not_count_for_another(self) -> None:
        counts = Counts(limit=1)
        assert counts.enter("a")
        assert counts.enter("b")

    def test_without_a_limit_everything_is_counted(self) -> None:
        counts = Counts(limit=None)
        assert all(counts.enter("a") for _ in range(100))

    @given(st.lists(st.integers(0, 3)))
    def test_when_all_have_left_nothing_is_kept(self, keys: list[int]) -> None:
        counts = Counts(limit=3)
        entered = [key for key in keys if counts.enter(key)]
        for key in entered:
            counts.leave(key)
        assert len(counts) == 0

    def test_one_that_is_refused_leaves_nothing_behind(self) -> None:
        counts = Counts(limit=0)
        assert not counts.enter("a")
        assert len(counts) == 0
