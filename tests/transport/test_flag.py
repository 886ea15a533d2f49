"""What tasks wait for."""

from __future__ import annotations

import asyncio

from sessionstream.transport.flag import Flag


class TestAFlag:
    async def test_that_is_set_lets_everybody_pass(self) -> None:
        flag = Flag(is_set=True)
        await flag.wait()
        assert flag.is_set()

    async def test_wakes_all_who_wait(self) -> None:
        flag = Flag()
        waiting = [asyncio.create_task(flag.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        flag.set()
        await asyncio.gather(*waiting)

    async def test_that_is_cleared_before_they_woke_holds_them(self) -> None:
        flag = Flag()
        waiting = asyncio.create_task(flag.wait())
        await asyncio.sleep(0)
        flag.set()
        flag.clear()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not waiting.done()
        flag.set()
        await waiting

    async def test_is_not_disturbed_by_one_who_gives_up(self) -> None:
        flag = Flag()
        impatient = asyncio.create_task(flag.wait())
        patient = asyncio.create_task(flag.wait())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait([impatient])
        flag.set()
        await patient
        assert impatient.cancelled()
