from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Unpack

from sessionstream import HydrationStore, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import StoreContract, StoreOptions
from sessionstream.testing.fakes import Batch, GatedStore, RecordingFanout
from tests.runtime.app import settled, shown


class TestGatedStoreKeepsTheContract(StoreContract):
    def open_store(
        self, directory: Path, registry: SchemaRegistry, **options: Unpack[StoreOptions]
    ) -> AbstractAsyncContextManager[HydrationStore]:
        return GatedStore(MemoryStore(**options))


class TestRecordingFanout:
    async def test_it_keeps_what_it_receives(self) -> None:
        fanout = RecordingFanout()
        await fanout.publish_ui("s", 1, [shown("a"), shown("b")])
        await fanout.publish_ui("t", 1, [shown("c")])
        assert fanout.batches[0] == Batch(
            session_id="s", ordinal=1, events=(shown("a"), shown("b"))
        )
        assert fanout.ordinals("s") == [1]
        assert fanout.payloads("t") == [shown("c").payload]

    async def test_a_held_one_records_when_it_is_released(self) -> None:
        fanout = RecordingFanout()
        fanout.hold()
        call = asyncio.ensure_future(fanout.publish_ui("s", 1, [shown("a")]))
        await fanout.wait_stuck()
        await settled()
        assert fanout.batches == []
        fanout.release()
        await fanout.wait_for(1)
        await call
