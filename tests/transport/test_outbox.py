"""The queue of one client."""

from __future__ import annotations

import asyncio

from sessionstream.transport.frames import UIBatch
from sessionstream.transport.outbox import Outbox
from sessionstream.transport.settings import TransportSettings


def outbox(frames: int = 1000, size: int = 1000) -> Outbox:
    return Outbox(TransportSettings(max_queued_frames=frames, max_queued_bytes=size))


def batch(*texts: str) -> UIBatch:
    return UIBatch("s", 1, texts, tuple(len(text.encode()) for text in texts))


class TestUIEvents:
    async def test_frames_leave_in_the_order_in_which_they_came(self) -> None:
        queue = outbox()
        queue.put_answer("1")
        assert queue.put_batch(batch("2", "3"))
        queue.put_answer("4")
        assert [await queue.get() for _ in range(4)] == ["1", "2", "3", "4"]

    def test_a_batch_beyond_the_number_of_frames_is_refused_whole(self) -> None:
        queue = outbox(frames=3)
        assert queue.put_batch(batch("1", "2"))
        assert not queue.put_batch(batch("3", "4"))
        assert len(queue) == 2
        assert queue.put_batch(batch("3"))

    def test_a_batch_beyond_the_bytes_is_refused_whole(self) -> None:
        queue = outbox(size=10)
        assert queue.put_batch(batch("éééé"))
        assert not queue.put_batch(batch("123"))
        assert queue.put_batch(batch("12"))
        assert queue.size == 10

    async def test_what_was_taken_makes_room(self) -> None:
        queue = outbox(frames=1)
        assert queue.put_batch(batch("1"))
        await queue.get()
        assert queue.put_batch(batch("2"))

    def test_a_batch_above_the_limit_passes_when_no_other_waits(self) -> None:
        queue = outbox(frames=2, size=10)
        assert queue.put_batch(batch("12345", "12345", "12345"))
        assert not queue.put_batch(batch("1"))

    def test_a_large_answer_pushes_no_event_out(self) -> None:
        """A snapshot may be larger than all the events that may wait."""
        queue = outbox(size=10)
        queue.put_answer("x" * 1000)
        assert queue.put_batch(batch("1"))


class TestAnswers:
    async def test_whoever_answers_waits_while_too_much_is_unsent(self) -> None:
        queue = outbox(size=10)
        queue.put_answer("x" * 11)
        waiting = asyncio.create_task(queue.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        await queue.get()
        await waiting

    async def test_the_number_of_answers_counts_too(self) -> None:
        queue = outbox(frames=1)
        queue.put_answer("")
        waiting = asyncio.create_task(queue.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        queue.clear()
        await waiting

    async def test_events_that_wait_hold_no_answer_back(self) -> None:
        queue = outbox(frames=1)
        assert queue.put_batch(batch("1"))
        await queue.wait_for_room()


class TestGet:
    async def test_it_waits_for_a_frame(self) -> None:
        queue = outbox()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_answer("1")
        assert await waiting == "1"

    async def test_clear_leaves_nothing(self) -> None:
        queue = outbox()
        queue.put_answer("1")
        queue.put_batch(batch("2"))
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
        queue.put_answer("1")
        queue.clear()
        await asyncio.sleep(0)
        queue.put_answer("2")
        assert await waiting == "2"


class TestWaitUntilSent:
    async def test_an_empty_queue_has_nothing_to_wait_for(self) -> None:
        await outbox().wait_until_sent()

    async def test_a_frame_is_sent_when_whoever_took_it_comes_for_the_next(self) -> None:
        queue = outbox()
        queue.put_answer("1")
        waiting = asyncio.create_task(queue.wait_until_sent())
        await queue.get()
        await asyncio.sleep(0)
        assert not waiting.done(), "it may still be on its way"
        taking = asyncio.create_task(queue.get())
        await waiting
        taking.cancel()

    async def test_what_was_dropped_is_waited_for_no_longer(self) -> None:
        queue = outbox()
        queue.put_answer("1")
        waiting = asyncio.create_task(queue.wait_until_sent())
        await asyncio.sleep(0)
        queue.clear()
        await waiting
