from __future__ import annotations

import asyncio
from threading import Thread

import pytest

from sessionstream import DropRecord, PipelineRecord, PipelineStage
from sessionstream.inspector import Recorder


def a_record(session_id: str = "s", ordinal: int = 1) -> PipelineRecord:
    return PipelineRecord(
        stage=PipelineStage.EVENT_COMMITTED, session_id=session_id, name="Noted", ordinal=ordinal
    )


class TestEntries:
    def test_come_in_order_after_a_sequence(self) -> None:
        recorder = Recorder()
        for ordinal in (1, 2, 3):
            recorder(a_record(ordinal=ordinal))
        assert [entry.sequence for entry in recorder.entries(after=1)] == [2, 3]
        assert [entry.record for entry in recorder.entries(after=2)] == [a_record(ordinal=3)]
        assert recorder.entries(after=3) == recorder.entries(after=9) == ()

    def test_the_oldest_are_forgotten_and_a_reader_can_tell(self) -> None:
        recorder = Recorder(capacity=2)
        assert (recorder.oldest, recorder.newest) == (1, 0)
        for ordinal in range(1, 6):
            recorder(a_record(ordinal=ordinal))
        assert [entry.sequence for entry in recorder.entries()] == [4, 5]
        assert [entry.sequence for entry in recorder.entries(after=4)] == [5]
        assert (recorder.oldest, recorder.newest) == (4, 5)

    def test_of_a_session_keep_what_tells_of_missing_records(self) -> None:
        recorder = Recorder()
        for record in (a_record("a"), a_record("b"), DropRecord(count=3)):
            recorder(record)
        assert [entry.sequence for entry in recorder.entries(session_id="a")] == [1, 3]


class TestWaiting:
    async def test_returns_at_once_where_there_is_one(self) -> None:
        recorder = Recorder()
        recorder(a_record())
        await recorder.wait(after=0)

    async def test_ends_for_everyone_with_a_record_of_another_thread(self) -> None:
        recorder = Recorder()
        async with asyncio.timeout(10), asyncio.TaskGroup() as waiting:
            for _ in range(3):
                waiting.create_task(recorder.wait(after=0))
            await asyncio.sleep(0)
            Thread(target=recorder, args=(a_record(),)).start()

    async def test_that_was_cancelled_leaves_nothing(self) -> None:
        recorder = Recorder()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(recorder.wait(after=0), 0)
        waiter = asyncio.create_task(recorder.wait(after=0))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
        assert not recorder._waiters
        recorder(a_record())
        await recorder.wait(after=0)


class TestCapacity:
    @pytest.mark.parametrize("capacity", [0, -1])
    def test_holds_at_least_one(self, capacity: int) -> None:
        with pytest.raises(ValueError, match="at least 1 record"):
            Recorder(capacity=capacity)
