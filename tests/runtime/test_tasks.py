from __future__ import annotations

import asyncio

import pytest

from sessionstream.tasks import BackgroundTasks, drain
from tests.runtime.app import forever, settled


class TestDraining:
    async def test_it_waits_for_tasks_that_are_started_meanwhile(self) -> None:
        tasks = BackgroundTasks()
        done: list[str] = []

        async def second() -> None:
            done.append("second")

        async def first() -> None:
            await asyncio.sleep(0)
            tasks.start(second(), "second")
            done.append("first")

        tasks.start(first(), "first")
        await tasks.drain(10.0)
        assert done == ["first", "second"]

    async def test_without_time_left_every_task_still_cleans_up(self) -> None:
        """Cancelled before its first step it would end without having begun."""
        tasks = BackgroundTasks()
        done: list[str] = []

        async def work() -> None:
            try:
                await forever()
            finally:
                done.append("cleaned up")

        tasks.start(work(), "work")
        await tasks.drain(0.0)
        assert done == ["cleaned up"]

    async def test_what_a_cancelled_task_starts_is_cancelled_too(self) -> None:
        tasks = BackgroundTasks()

        async def work() -> None:
            try:
                await forever()
            finally:
                tasks.start(forever(), "another")

        tasks.start(work(), "work")
        await tasks.drain(0.0)
        assert len(asyncio.all_tasks()) == 1

    async def test_a_task_is_cancelled_once_and_may_take_its_time(self) -> None:
        tasks = BackgroundTasks()
        done: list[str] = []

        async def work() -> None:
            try:
                await forever()
            finally:
                await settled()
                done.append("cleaned up")

        tasks.start(work(), "work")
        tasks.start(forever(), "other")
        await tasks.drain(0.0)
        assert done == ["cleaned up"]

    async def test_one_that_ignores_its_cancellation_is_left_behind_and_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        enough = asyncio.Event()

        async def stubborn() -> None:
            while not enough.is_set():
                try:
                    await enough.wait()
                except asyncio.CancelledError:
                    continue

        task = asyncio.ensure_future(stubborn())
        await drain(lambda: [] if task.done() else [task], 0.0, grace=0.0)
        assert not task.done()
        assert "1 tasks ignore their cancellation" in caplog.text
        enough.set()
        await task

    async def test_the_task_that_drains_does_not_wait_for_itself(self) -> None:
        async def close() -> None:
            await drain(lambda: [task], 10.0)

        task = asyncio.ensure_future(close())
        await task
