from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from sessionstream.hydration.sqlite_connection import SQLiteReaders


class TestReaders:
    async def test_a_long_read_holds_up_no_short_one(self, tmp_path: Path) -> None:
        ended = threading.Event()
        readers = SQLiteReaders(str(tmp_path / "a.db"), busy_timeout=1.0)
        await readers.open()
        try:
            long = asyncio.ensure_future(readers.run(lambda db: ended.wait()))
            await asyncio.sleep(0)
            assert await readers.run(lambda db: db.execute("SELECT 1").fetchone()) == (1,)
            ended.set()
            assert await long
        finally:
            await readers.close()
