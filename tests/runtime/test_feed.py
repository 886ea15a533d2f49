from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from sessionstream import feed as module
from sessionstream.feed import Feed


class Slow:
    """Receives what it is given when it is let, one by one; keeps it."""

    def __init__(self) -> None:
        self.received: list[int | str] = []
        self.begun = threading.Event()
        self.open = threading.Event()
        self.threads: set[threading.Thread] = set()

    def __call__(self, value: int | str) -> None:
        self.threads.add(threading.current_thread())
        self.begun.set()
        assert self.open.wait(60)
        self.received.append(value)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def feed(slow: Slow) -> Feed[int | str]:
    return Feed(slow, lambda count: f"{count} missing", 4, "slow")


class TestOrder:
    async def test_values_are_received_in_order_on_another_thread(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        slow.open.set()
        for value in range(4):
            feed.put(value)
        assert await feed.flush(60)
        assert slow.received == [0, 1, 2, 3]
        assert threading.current_thread() not in slow.threads

    async def test_a_function_that_blocks_holds_up_nobody(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        feed.put(1)
        assert slow.begun.wait(60)
        feed.put(2)
        await asyncio.sleep(0)  # the loop goes on
        assert slow.received == []
        slow.open.set()
        assert await feed.flush(60)
        assert slow.received == [1, 2]


class TestOverflow:
    def fill(self, feed: Feed[int | str], slow: Slow) -> None:
        """One value is being received, four wait: there is no room."""
        feed.put(0)
        assert slow.begun.wait(60)
        for value in range(1, 5):
            feed.put(value)
        assert feed.dropped == 0

    async def test_what_finds_the_queue_full_is_dropped_and_counted(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        self.fill(feed, slow)
        for value in range(5, 8):
            feed.put(value)
        assert feed.dropped == 3
        slow.open.set()
        assert await feed.flush(60)
        assert slow.received == [0, 1, 2, 3, 4, "3 missing"]

    async def test_the_gap_is_told_where_the_values_are_missing(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        self.fill(feed, slow)
        feed.put(5)
        slow.open.set()
        assert await feed.flush(60)
        feed.put(6)
        assert await feed.flush(60)
        assert slow.received == [0, 1, 2, 3, 4, "1 missing", 6]

    async def test_the_log_has_one_line_for_a_gap(
        self, feed: Feed[int | str], slow: Slow, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fill(feed, slow)
        with caplog.at_level(logging.WARNING):
            for value in range(100):
                feed.put(value)
        assert caplog.messages == ["slow is too slow; what comes now is dropped"]
        slow.open.set()
        assert await feed.flush(60)


class TestFlushing:
    async def test_it_gives_up_on_a_function_that_does_not_return(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        feed.put(1)
        assert not await feed.flush(0.0)
        slow.open.set()
        assert await feed.flush(60)

    async def test_of_nothing_returns_at_once(self, feed: Feed[int | str], slow: Slow) -> None:
        assert await feed.flush(60)
        assert slow.received == []

    async def test_it_ends_the_thread(self, feed: Feed[int | str], slow: Slow) -> None:
        slow.open.set()
        feed.put(1)
        assert await feed.flush(60)
        (thread,) = slow.threads
        thread.join(60)
        assert not thread.is_alive()

    async def test_what_comes_later_is_received_too(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        slow.open.set()
        for value in range(100):
            feed.put(value)
            assert await feed.flush(60)
        assert slow.received == list(range(100))

    def test_a_mark_of_a_loop_that_was_closed_ends_nothing(
        self, feed: Feed[int | str], slow: Slow
    ) -> None:
        async def give_up() -> None:
            feed.put(1)
            assert not await feed.flush(0.0)

        async def come_back() -> None:
            feed.put(2)
            assert await feed.flush(60)

        asyncio.run(give_up())
        slow.open.set()
        asyncio.run(come_back())
        assert slow.received == [1, 2]


class TestTheThread:
    def test_it_ends_when_nothing_comes(
        self, feed: Feed[int | str], slow: Slow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
        slow.open.set()
        for value in range(3):
            feed.put(value)
            assert slow.begun.wait(60)
            for thread in tuple(slow.threads):
                thread.join(60)
        assert slow.received == [0, 1, 2]

    async def test_without_a_thread_the_values_wait(
        self, feed: Feed[int | str], slow: Slow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        slow.open.set()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            feed.put(1)
        feed.put(2)
        assert await feed.flush(60)
        assert slow.received == [1, 2]
