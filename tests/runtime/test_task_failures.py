from __future__ import annotations

import asyncio

import pytest

from sessionstream import ErrorSource, Hub, HydrationStore, SchemaRegistry
from sessionstream.testing.fakes import RecordingObserver
from tests.runtime.app import forever, say, settled


@pytest.fixture
async def hub(registry: SchemaRegistry, store: HydrationStore) -> Hub:
    return Hub(registry, store=store)


class TestATaskThatFails:
    async def test_it_is_recorded_in_the_store_and_told_to_observers(
        self, registry: SchemaRegistry, store: HydrationStore, observer: RecordingObserver
    ) -> None:
        async def fail() -> None:
            raise ValueError("broken")

        async with Hub(registry, store=store, observers=[observer]) as hub:
            await say(hub, "x")
            (await hub.session("s")).tasks.start("answer", fail())
        (told,) = observer.errors
        assert (told.source, told.name, told.ordinal) == (ErrorSource.TASK, "answer", 1)
        assert (told.error_type, told.message) == ("ValueError", "broken")
        assert await store.errors("s") == [told]

    async def test_two_that_fail_at_one_ordinal_are_both_recorded(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async def fail() -> None:
            raise ValueError("broken")

        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("one", fail())
            tasks.start("two", fail())
            await tasks.wait_idle()
        assert {record.name for record in await store.errors("s")} == {"one", "two"}

    async def test_a_task_that_waits_for_what_others_cancelled_is_recorded_too(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        """Nobody cancelled the task itself: without a record it would be gone without a trace."""
        other = asyncio.get_running_loop().create_future()
        other.cancel()

        async def wait() -> None:
            await other

        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", wait())
            await tasks.wait_idle()
        assert [error.error_type for error in await store.errors("s")] == ["CancelledError"]

    async def test_a_task_that_raises_what_no_exception_is_is_recorded_too(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        class OutcomeError(BaseException):
            """As test frameworks have them."""

        async def fail() -> None:
            raise OutcomeError

        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", fail())
            await tasks.wait_idle()
        assert [error.error_type for error in await store.errors("s")] == ["OutcomeError"]

    async def test_a_task_that_was_cancelled_is_no_failure(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", forever())
            await settled()
            tasks.cancel("answer")
            await tasks.wait_idle()
        assert await store.errors("s") == []

    def test_a_task_that_ends_the_process_is_in_the_log(
        self, registry: SchemaRegistry, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The event loop stops at once: there is no commit any more that could record it."""

        async def leave() -> None:
            raise SystemExit(3)

        async def main() -> None:
            async with Hub(registry) as hub:
                (await hub.session("s")).tasks.start("answer", leave())
                await forever()

        with pytest.raises(SystemExit):
            asyncio.run(main())
        assert "task 'answer' failed" in caplog.text

    async def test_it_does_not_touch_the_log(self, hub: Hub, store: HydrationStore) -> None:
        async def fail() -> None:
            raise ValueError("broken")

        async with hub:
            await say(hub, "x")
            (await hub.session("s")).tasks.start("answer", fail())
            await settled()
            assert (await say(hub, "y")).ordinal == 2

    async def test_the_next_task_of_that_name_runs(self, hub: Hub) -> None:
        has_run = asyncio.Event()

        async def fail() -> None:
            raise ValueError("broken")

        async def note() -> None:
            has_run.set()

        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", fail())
            await tasks.wait_idle()
            tasks.start("answer", note())
            await tasks.wait_idle()
        assert has_run.is_set()
