"""That coalesced deltas come to the same text, whatever fails and whoever leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import Coalescer, Hub, ProjectionError, SchemaRegistry, SessionStreamError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import Lines, settled, text, text_of


class Clock:
    """Timers that run when the test says so."""

    def __init__(self) -> None:
        self.timers: list[ManualTimer] = []

    def later(self, seconds: float, function: Callable[[], None]) -> ManualTimer:
        self.timers.append(ManualTimer(seconds, function))
        return self.timers[-1]

    async def window_ends(self) -> None:
        timers, self.timers = self.timers, []
        for timer in timers:
            if not timer.cancelled:
                timer.function()
        await settled()


class ManualTimer:
    def __init__(self, seconds: float, function: Callable[[], None]) -> None:
        self.seconds = seconds
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Published:
    """What was published; raises ``errors`` first, and waits while it is held."""

    def __init__(self, *errors: Exception) -> None:
        self.pieces: list[str] = []
        self.errors = list(errors)
        self.open = asyncio.Event()
        self.open.set()

    async def publish(self, piece: str) -> None:
        await self.open.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.pieces.append(piece)


def joined(first: str, second: str) -> str:
    return first + second


@pytest.fixture
def clock() -> Clock:
    return Clock()


def coalescer(published: Published, clock: Clock) -> Coalescer[str]:
    return Coalescer(published.publish, joined, milliseconds=20, later=clock.later)


class TestWindows:
    async def test_what_comes_in_one_window_is_published_as_one(self, clock: Clock) -> None:
        published = Published()
        async with coalescer(published, clock) as deltas:
            for piece in "abc":
                deltas.add(piece)
            await settled()
            assert published.pieces == []
            await clock.window_ends()
            assert published.pieces == ["abc"]
            deltas.add("d")
            await clock.window_ends()
            assert published.pieces == ["abc", "d"]

    async def test_a_window_is_so_long_and_begins_with_its_first_delta(self, clock: Clock) -> None:
        async with coalescer(Published(), clock) as deltas:
            assert clock.timers == []
            for piece in "abc":
                deltas.add(piece)
            assert [timer.seconds for timer in clock.timers] == [0.02]

    async def test_what_comes_during_a_publication_is_the_next_one(self, clock: Clock) -> None:
        published = Published()
        async with coalescer(published, clock) as deltas:
            published.open.clear()
            deltas.add("a")
            await clock.window_ends()
            for piece in "bc":
                deltas.add(piece)
                await clock.window_ends()
            published.open.set()
            await settled()
            assert published.pieces == ["a", "bc"]

    async def test_the_loops_clock_is_used_where_none_is_given(self) -> None:
        published = Published()
        deltas = Coalescer(published.publish, joined, milliseconds=0)
        deltas.add("a")
        await settled()
        assert published.pieces == ["a"]
        await deltas.aclose()


class TestTheEnd:
    async def test_the_rest_is_published(self, clock: Clock) -> None:
        published = Published()
        async with coalescer(published, clock) as deltas:
            deltas.add("a")
        await clock.window_ends()
        assert published.pieces == ["a"]

    async def test_flush_publishes_at_once_what_must_come_before_something_else(
        self, clock: Clock
    ) -> None:
        published = Published()
        async with coalescer(published, clock) as deltas:
            deltas.add("a")
            await deltas.flush()
            assert published.pieces == ["a"]

    async def test_a_handler_that_is_cancelled_leaves_nothing_behind(self, clock: Clock) -> None:
        published = Published()

        async def handle() -> None:
            async with coalescer(published, clock) as deltas:
                deltas.add("a")
                await asyncio.Event().wait()

        handling = asyncio.ensure_future(handle())
        await settled()
        handling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handling
        assert published.pieces == ["a"]

    async def test_cancelling_a_flush_does_not_publish_twice(self, clock: Clock) -> None:
        published = Published()
        async with coalescer(published, clock) as deltas:
            published.open.clear()
            deltas.add("a")
            flushing = asyncio.ensure_future(deltas.flush())
            await settled()
            flushing.cancel()
            await settled()
            published.open.set()
        assert published.pieces == ["a"]

    async def test_nothing_can_be_added_afterwards(self, clock: Clock) -> None:
        deltas = coalescer(Published(), clock)
        await deltas.aclose()
        with pytest.raises(SessionStreamError, match="closed"):
            deltas.add("a")

    async def test_nothing_is_published_where_nothing_came(self, clock: Clock) -> None:
        published = Published()
        async with coalescer(published, clock):
            pass
        assert published.pieces == []


class TestFailures:
    async def test_one_is_told_with_the_next_delta_and_its_text_comes_before_what_follows(
        self, clock: Clock
    ) -> None:
        published = Published(OSError("no disk"))
        async with coalescer(published, clock) as deltas:
            deltas.add("a")
            await clock.window_ends()
            with pytest.raises(OSError, match="no disk"):
                deltas.add("not taken in")
            deltas.add("b")
        assert published.pieces == ["ab"]

    async def test_what_came_during_it_follows_it(self, clock: Clock) -> None:
        published = Published(OSError("no disk"))
        deltas = coalescer(published, clock)
        published.open.clear()
        deltas.add("a")
        await clock.window_ends()
        deltas.add("b")
        published.open.set()
        await settled()
        await deltas.aclose()
        assert published.pieces == ["ab"]

    async def test_at_the_end_it_is_raised_and_closing_again_tries_again(
        self, clock: Clock
    ) -> None:
        published = Published(OSError("no disk"))
        deltas = coalescer(published, clock)
        deltas.add("a")
        with pytest.raises(OSError, match="no disk"):
            await deltas.aclose()
        await deltas.aclose()
        assert published.pieces == ["a"]

    async def test_it_does_not_hide_what_ended_the_block(self, clock: Clock) -> None:
        async def handle() -> None:
            async with coalescer(Published(OSError("no disk")), clock) as deltas:
                deltas.add("a")
                raise KeyError("first")

        with pytest.raises(KeyError) as caught:
            await handle()
        assert caught.value.__notes__ == ["The last deltas were not published: OSError: no disk"]

    async def test_an_event_that_a_projection_refuses_is_stored_once_and_told_of(
        self, registry: SchemaRegistry, clock: Clock
    ) -> None:
        store = MemoryStore()
        async with Hub(registry, store=store) as hub:
            hub.register_timeline_projection(Lines("bad"))
            deltas = Coalescer(
                lambda piece: hub.publish("s", "Said", text(piece)), joined, later=clock.later
            )
            deltas.add("bad")
            await clock.window_ends()
            with pytest.raises(ProjectionError):
                await deltas.aclose()
            await deltas.aclose()
        assert [text_of(event.payload) for event in await events_of(store, "s")] == ["bad"]


@given(
    st.lists(st.one_of(st.text(min_size=1), st.sampled_from([None, False, True])), max_size=30).map(
        tuple
    )
)
async def test_the_text_is_the_same_in_whole_and_in_order(
    steps: tuple[str | bool | None, ...],
) -> None:
    """None ends a window; False makes the next publication fail; True holds or lets go."""
    clock, published = Clock(), Published()
    deltas = coalescer(published, clock)
    added = ""
    for step in steps:
        if step is None:
            await clock.window_ends()
        elif step is False:
            published.errors.append(OSError("no disk"))
        elif step is True:
            published.open.clear() if published.open.is_set() else published.open.set()
            await settled()
        else:
            try:
                deltas.add(step)
            except OSError:
                deltas.add(step)
            added += step
    published.open.set()
    published.errors.clear()
    try:
        await deltas.aclose()
    except OSError:
        await deltas.aclose()
    assert "".join(published.pieces) == added
