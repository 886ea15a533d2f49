"""How often, and how many at once. Time comes in as an argument, from a monotonic clock."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable

from sessionstream.arguments import check_amount


class TokenBucket:
    """Allows ``burst`` at once and ``rate`` a second in the long run.

    In no span of t seconds more than ``burst + rate * t`` are taken. It starts
    full. A time before the last one counts as the last one.
    """

    def __init__(self, rate: float, burst: float) -> None:
        """Makes a full one.

        Args:
            rate: Tokens that come back each second, above 0.
            burst: Tokens that it holds, 1 or more.
        """
        check_amount("rate", rate)
        check_amount("burst", burst, least=1)
        if rate == 0:
            raise ValueError("rate is above 0; got 0")
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Takes a token; False where there is none."""
        self._fill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def wait(self, now: float) -> float:
        """Returns in how many seconds there is a token; 0 where there is one."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._rate)

    def is_full(self, now: float) -> bool:
        """Whether it is as good as a new one."""
        self._fill(now)
        return self._tokens >= self._burst

    def _fill(self, now: float) -> None:
        before = self._filled_at
        if before is None or now > before:
            self._filled_at = now
            gained = 0.0 if before is None else (now - before) * self._rate
            self._tokens = min(self._burst, self._tokens + gained)


class TokenBuckets:
    """A `TokenBucket` for each key. One that is full again is forgotten.

    It holds no more than those from which something was taken within the last
    ``burst / rate`` seconds, and a call looks at two of them at most besides
    its own.
    """

    def __init__(self, rate: float, burst: float) -> None:
        """Takes what each `TokenBucket` takes."""
        TokenBucket(rate, burst)  # refuses what it can't be
        self._rate = rate
        self._burst = burst
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()  # the last used last

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, now: float) -> float:
        """Takes a token of ``key``; returns 0, or in how many seconds there will be one."""
        self._forget(now)
        bucket = self._buckets.setdefault(key, TokenBucket(self._rate, self._burst))
        self._buckets.move_to_end(key)
        return 0.0 if bucket.take(now) else bucket.wait(now)

    def _forget(self, now: float) -> None:
        for _ in range(2):  # two for the one that may be added: it can't grow for ever
            oldest = next(iter(self._buckets), None)
            if oldest is None or not self._buckets[oldest].is_full(now):
                return
            del self._buckets[oldest]


class DistinctCounts:
    """How many different things each key has at once, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._things: dict[Hashable, Counter[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._things)

    def enter(self, key: Hashable, thing: Hashable) -> bool:
        """Counts a thing, unless it counts already; False where the limit is reached."""
        things = self._things.get(key) or Counter()
        if thing not in things and len(things) >= self._limit:
            return False
        things[thing] += 1
        self._things[key] = things
        return True

    def leave(self, key: Hashable, thing: Hashable) -> None:
        """Takes an `enter` back that was True."""
        things = self._things[key]
        things[thing] -= 1
        if not things[thing]:
            del things[thing]
        if not things:
            del self._things[key]


class Counts:
    """How many each key has at once, up to a limit; None for no limit."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._counts: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._counts)

    def enter(self, key: Hashable) -> bool:
        """Counts one more; False, and it is not counted, where the limit is reached."""
        if self._limit is not None and self._counts[key] >= self._limit:
            return False
        self._counts[key] += 1
        return True

    def leave(self, key: Hashable) -> None:
        """Counts one less, for each `enter` that was True."""
        if self._counts[key] <= 1:
            del self._counts[key]
        else:
            self._counts[key] -= 1
