"""The queue of one client."""

from __future__ import annotations

import asyncio

from sessionstream.transport.actions import Deliver
from sessionstream.transport.encoded import Encoded
from sessionstream.transport.outbox import Dropped, Outbox
from sessionstream.transport.settings import TransportSettings


def outbox(frames: int = 1000, size: int = 1000) -> Outbox:
    return Outbox(TransportSettings(max_queued_frames=frames, max_queued_bytes=size))


def frames(*texts: str) -> Encoded:
    return Encoded(tuple(text.encode() for text in texts), is_text=True)


def batch(ordinal: int, *texts: str, session_id: str = "s") -> Deliver:
    """A batch that follows on the ordinal before it."""
    return Deliver(session_id, frames(*texts), ordinal - 1)


def typing(text: str, session_id: str = "s", name: str = "Typing") -> Deliver:
    return Deliver(session_id, frames(text), 0, ((name, ""),))


async def taken(queue: Outbox, count: int) -> list[str | bytes]:
    return [message for _ in range(count) for message in (await queue.get()).messages]


class TestUIEvents:
    async def test_frames_leave_in_the_order_in_which_they_came(self) -> None:
        queue = outbox()
        queue.put_answer(frames("1"))
        assert queue.put(batch(1, "2", "3")) == []
        queue.put_answer(frames("4"))
        assert await taken(queue, 3) == ["1", "2", "3", "4"]

    def test_one_beyond_the_number_of_frames_drops_what_waits_of_its_session(self) -> None:
        queue = outbox(frames=3)
        assert queue.put(batch(1, "1", "2")) == []
        assert queue.put(batch(2, "3", "4")) == [Dropped("s", 0)]
        assert len(queue) == 0

    def test_one_beyond_the_bytes_does_so_too(self) -> None:
        queue = outbox(size=10)
        assert queue.put(batch(4, "éééé")) == []
        assert queue.put(batch(5, "12")) == []
        assert queue.size == 10
        assert queue.put(batch(6, "1")) == [Dropped("s", 3)]

    def test_the_session_with_the_largest_share_pays(self) -> None:
        queue = outbox(frames=4)
        for ordinal in (1, 2, 3):
            queue.put(batch(ordinal, "x", session_id="loud"))
        queue.put(batch(1, "x", session_id="quiet"))
        assert queue.put(batch(2, "x", session_id="quiet")) == [Dropped("loud", 0)]
        assert len(queue) == 2

    async def test_what_is_on_its_way_is_not_dropped(self) -> None:
        queue = outbox(frames=2)
        queue.put(batch(1, "1"))
        queue.put(batch(2, "2"))
        assert await taken(queue, 1) == ["1"]
        queue.put(batch(3, "3"))
        assert queue.put(batch(4, "4")) == [Dropped("s", 1)]

    async def test_what_is_kept_is_not_dropped(self) -> None:
        """What follows it, an answer, rests on it."""
        queue = outbox(frames=2)
        queue.put(batch(1, "1"))
        queue.keep("s")
        queue.put_answer(frames("2"))
        queue.put(batch(3, "3"))
        assert queue.put(batch(4, "4")) == [Dropped("s", 2)]
        assert await taken(queue, 2) == ["1", "2"]

    async def test_what_was_taken_makes_room(self) -> None:
        queue = outbox(frames=1)
        queue.put(batch(1, "1"))
        await queue.get()
        assert queue.put(batch(2, "2")) == []

    def test_a_batch_above_the_limit_passes_when_no_other_waits(self) -> None:
        queue = outbox(frames=2, size=10)
        assert queue.put(batch(1, "12345", "12345", "12345")) == []
        assert queue.put(batch(2, "1")) == [Dropped("s", 0)]

    def test_a_large_answer_pushes_no_event_out(self) -> None:
        """A snapshot may be larger than all the events that may wait."""
        queue = outbox(size=10)
        queue.put_answer(frames("x" * 1000))
        assert queue.put(batch(1, "1")) == []


class TestEphemeralEvents:
    async def test_in_a_full_queue_the_latest_of_a_name_stays(self) -> None:
        queue = outbox(frames=2)
        queue.put(typing("old"))
        queue.put(batch(1, "1"))
        assert queue.put(typing("new")) == []
        assert await taken(queue, 2) == ["1", "new"]

    async def test_that_has_no_room_is_dropped_and_pushes_nothing_out(self) -> None:
        queue = outbox(frames=1)
        queue.put(batch(1, "1"))
        assert queue.put(typing("x")) == []
        assert await taken(queue, 1) == ["1"]
        assert len(queue) == 0

    async def test_a_former_one_stays_where_the_latest_has_no_room(self) -> None:
        queue = outbox(size=10)
        queue.put(batch(1, "12345"))
        queue.put(typing("ann"))
        assert queue.put(typing("ann and bob")) == []
        assert await taken(queue, 2) == ["12345", "ann"]

    async def test_the_oldest_gives_way_to_a_larger_one(self) -> None:
        queue = outbox(size=12)
        for text, name in (("1234", "A"), ("ab", "B"), ("5678", "C")):
            queue.put(typing(text, name=name))
        queue.put(typing("bigger", name="B"))
        assert await taken(queue, 2) == ["5678", "bigger"]

    async def test_they_give_way_to_what_is_stored_before_anything_lags(self) -> None:
        queue = outbox(frames=3)
        queue.put(batch(1, "1"))
        queue.put(typing("a", name="A"))
        queue.put(typing("b", "other"))
        assert queue.put(batch(2, "2")) == []
        assert await taken(queue, 3) == ["1", "b", "2"]

    async def test_they_stay_where_it_would_help_nobody(self) -> None:
        queue = outbox(frames=3)
        queue.put(batch(1, "1", "2"))
        queue.put(typing("x", "other"))
        assert queue.put(batch(2, "3", "4")) == [Dropped("s", 0)]
        assert await taken(queue, 1) == ["x"]

    async def test_of_another_session_stays(self) -> None:
        queue = outbox(frames=2)
        queue.put(typing("a", "a"))
        queue.put(typing("b", "b"))
        queue.put(typing("c", "b"))
        assert await taken(queue, 2) == ["a", "c"]


class TestDiscarding:
    async def test_all_that_waits_of_a_session_goes_and_nothing_else(self) -> None:
        queue = outbox()
        queue.put_answer(frames("snapshot"), "s")
        queue.put_answer(frames("pong"))
        queue.keep("s")
        for session_id in ("s", "t"):
            queue.put(batch(1, session_id, session_id=session_id))
            queue.put(typing(f"{session_id} types", session_id))
        queue.discard("s")
        assert await taken(queue, 3) == ["pong", "t", "t types"]
        assert (len(queue), queue.size) == (0, 0)
        assert queue.put(batch(2, "again")) == []


class TestAnswers:
    async def test_whoever_answers_waits_while_too_much_is_unsent(self) -> None:
        queue = outbox(size=10)
        queue.put_answer(frames("x" * 11))
        waiting = asyncio.create_task(queue.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        await queue.get()
        await waiting

    async def test_the_number_of_answers_counts_too(self) -> None:
        queue = outbox(frames=1)
        queue.put_answer(frames(""))
        waiting = asyncio.create_task(queue.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        queue.clear()
        await waiting

    async def test_events_that_wait_hold_no_answer_back(self) -> None:
        queue = outbox(frames=1)
        assert queue.put(batch(1, "1")) == []
        await queue.wait_for_room()


class TestGet:
    async def test_it_waits_for_a_frame(self) -> None:
        queue = outbox()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_answer(frames("1"))
        assert (await waiting).messages == ("1",)

    async def test_clear_leaves_nothing(self) -> None:
        queue = outbox()
        queue.put_answer(frames("1"))
        queue.put(batch(2, "2"))
        queue.clear()
        assert (len(queue), queue.size) == (0, 0)
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()

    async def test_what_is_dropped_after_the_wake_up_is_waited_for_again(self) -> None:
        """A client may ask something and close in one segment."""
        queue = outbox()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_answer(frames("1"))
        queue.clear()
        await asyncio.sleep(0)
        queue.put_answer(frames("2"))
        assert (await waiting).messages == ("2",)


class TestWaitUntilSent:
    async def test_an_empty_queue_has_nothing_to_wait_for(self) -> None:
        await outbox().wait_until_sent()

    async def test_a_frame_is_sent_when_whoever_took_it_comes_for_the_next(self) -> None:
        queue = outbox()
        queue.put_answer(frames("1"))
        waiting = asyncio.create_task(queue.wait_until_sent())
        await queue.get()
        await asyncio.sleep(0)
        assert not waiting.done(), "it may still be on its way"
        taking = asyncio.create_task(queue.get())
        await waiting
        taking.cancel()

    async def test_what_was_dropped_is_waited_for_no_longer(self) -> None:
        queue = outbox()
        queue.put_answer(frames("1"))
        waiting = asyncio.create_task(queue.wait_until_sent())
        await asyncio.sleep(0)
        queue.clear()
        await waiting
