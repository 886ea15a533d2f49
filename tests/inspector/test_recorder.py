from __future__ import annotations

import asyncio
from threading import Thread

import pytest

from sessionstream import DropRecord, PipelineRecord, PipelineStage
from sessionstream.inspector import Reading, Recorder


def a_record(session_id: str = "s", ordinal: int = 1) -> PipelineRecord:
    return PipelineRecord(
        stage=PipelineStage.EVENT_COMMITTED, session_id=session_id, name="Noted", ordinal=ordinal
    )


def sequences(reading: Reading) -> list[int]:
    return [entry.sequence for entry in reading.entries]


class TestReading:
    def test_come_in_order_after_a_sequence(self) -> None:
        recorder = Recorder()
        for ordinal in (1, 2, 3):
            recorder(a_record(ordinal=ordinal))
        assert sequences(recorder.read(after=1)) == [2, 3]
        assert [each.record for each in recorder.read(after=2).entries] == [a_record(ordinal=3)]
        assert recorder.read(after=3) == Reading((), newest=3, missed=0)

    def test_the_oldest_are_forgotten_and_a_reader_can_tell(self) -> None:
        recorder = Recorder(capacity=2)
        assert recorder.read() == Reading((), newest=0, missed=0)
        for ordinal in range(1, 6):
            recorder(a_record(ordinal=ordinal))
        assert sequences(recorder.read()) == [4, 5]
        assert (recorder.read().newest, recorder.read().missed) == (5, 3)
        assert [recorder.read(after=after).missed for after in (1, 2, 3, 4)] == [2, 1, 0, 0]

    def test_that_is_limited_is_gone_on_with_where_it_ended(self) -> None:
        recorder = Recorder()
        for session_id in "abababb":
            recorder(a_record(session_id))
        first = recorder.read(session_id="b", limit=2)
        assert (sequences(first), first.newest) == ([2, 4], 4)
        second = recorder.read(first.newest, session_id="b", limit=2)
        assert (sequences(second), second.newest) == ([6, 7], 7)
        assert recorder.read(session_id="a", limit=3).newest == 7

    def test_of_a_session_keep_what_tells_of_missing_records(self) -> None:
        recorder = Recorder()
        for record in (a_record("a"), a_record("b"), DropRecord(count=3)):
            recorder(record)
        assert sequences(recorder.read(session_id="a")) == [1, 3]


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
