"""Batches that several clients are shown."""

from __future__ import annotations

from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

from sessionstream import UIBatch, UIEvent
from sessionstream.testing.fakes import MemorySource
from sessionstream.transport.rooms import Rooms
from sessionstream.transport.shared_batches import SharedBatches


def batch(session_id: str = "s", ordinal: int = 1, size: int = 0) -> UIBatch:
    return UIBatch(
        session_id=session_id,
        epoch="e",
        ordinal=ordinal,
        previous_ordinal=ordinal - 1,
        events=(UIEvent(name="Shown", payload=StringValue(value="x" * size)),),
    )


class TestSharedBatches:
    def test_the_same_batch_is_encoded_once(self) -> None:
        batches = SharedBatches(10_000)
        assert batches.share(batch()) is batches.share(batch())
        assert batches.share(batch()) is not batches.share(batch("t"))

    def test_a_session_that_is_another_leaves_nothing_behind(self) -> None:
        batches = SharedBatches(10_000)
        kept = batches.share(batch("t"))
        gone = [batches.share(batch("s", ordinal)) for ordinal in (1, 2)]
        batches.forget("s")
        batches.forget("nobody")
        assert len(batches) == 1
        assert batches.share(batch("t")) is kept
        assert batches.share(batch("s", 1)) is not gone[0]

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.integers(0, 900))))
    def test_what_is_kept_is_bounded(self, given: list[tuple[str, int, int]]) -> None:
        batches = SharedBatches(2000)
        for session_id, ordinal, size in given:
            batches.share(batch(session_id, ordinal, size))
            assert len(batches) <= 3
        for session_id in "abc":
            batches.forget(session_id)
        assert len(batches) == 0

    async def test_rooms_forget_a_session_that_nobody_watches_too(self) -> None:
        source = MemorySource()
        async with Rooms(source) as rooms:
            before = rooms.reads.share(batch())
            await source.begin_anew("s", "f")
            assert rooms.reads.share(batch()) is not before
