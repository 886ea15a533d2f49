from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessionstream.client.backoff import Backoff


def longest(low: float, high: float) -> float:
    assert low == 0
    return high


class TestBackoff:
    def test_the_longest_wait_doubles_up_to_the_limit(self) -> None:
        backoff = Backoff(0.25, 3, longest)
        assert [backoff.next() for _ in range(6)] == [0.25, 0.5, 1, 2, 3, 3]

    def test_after_a_reset_it_is_short_again(self) -> None:
        backoff = Backoff(0.25, 3, longest)
        backoff.next()
        backoff.reset()
        assert backoff.next() == 0.25

    @given(attempt=st.integers(0, 10**6))
    def test_every_wait_is_within_the_limit(self, attempt: int) -> None:
        assert 0 <= Backoff(0.25, 3).at(attempt) <= 3
