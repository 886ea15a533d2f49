from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import cast

import pytest
from google.protobuf.message import Message

from sessionstream import (
    Command,
    EventPublisher,
    Hub,
    HubClosedError,
    HydrationStore,
    SchemaRegistry,
    Session,
)
from sessionstream.testing.stores.backend import events_of
from tests.runtime.app import say, settled, text, text_of


class Log:
    """What tasks did, in order, and a way to stop them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.open = asyncio.Event()

    async def work(self, name: str) -> None:
        self.lines.append(f"{name} begins")
        try:
            await asyncio.Event().wait()
        finally:
            await self.clean_up(name)

    async def clean_up(self, name: str) -> None:
        self.lines.append(f"{name} is cancelled")
        await self.open.wait()
        self.lines.append(f"{name} ends")

    async def short(self, name: str) -> None:
        self.lines.append(name)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def hub(registry: SchemaRegistry, store: HydrationStore) -> Hub:
    return Hub(registry, store=store)


class TestStart:
    async def test_the_task_outlives_the_command(self, hub: Hub, log: Log) -> None:
        async def handle(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            session.tasks.start("answer", log.short("ran"))

        async with hub:
            hub.register_command("Say", handle)
            await hub.submit("s", "Say", text("hi"))
            await (await hub.session("s")).tasks.wait_idle()
        assert log.lines == ["ran"]

    async def test_a_running_one_of_the_same_name_ends_first(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.work("1st"))
            await settled()
            tasks.start("answer", log.short("2nd"))
            await settled()
            assert log.lines == ["1st begins", "1st is cancelled"]
            log.open.set()
            await tasks.wait_idle()
        assert log.lines[2:] == ["1st ends", "2nd"]

    async def test_a_third_one_waits_for_the_first_too(self, hub: Hub, log: Log) -> None:
        """The second, replaced while it waits, never begins; the first is still cleaning up."""
        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.work("1st"))
            await settled()
            tasks.start("answer", log.short("2nd"))
            await settled()
            tasks.start("answer", log.short("3rd"))
            await settled()
            assert log.lines == ["1st begins", "1st is cancelled"]
            log.open.set()
            await tasks.wait_idle()
        assert log.lines[2:] == ["1st ends", "3rd"]

    async def test_one_that_follows_a_cancelled_successor_waits_for_the_first_too(
        self, hub: Hub, log: Log
    ) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.work("1st"))
            await settled()
            tasks.start("answer", log.short("2nd"))
            assert tasks.cancel("answer")
            await settled()
            tasks.start("answer", log.short("3rd"))
            await settled()
            assert "3rd" not in log.lines
            log.open.set()
            await tasks.wait_idle()
        assert log.lines[-1] == "3rd"

    async def test_other_names_and_other_sessions_run_beside_it(self, hub: Hub, log: Log) -> None:
        async with hub:
            log.open.set()
            for session_id, name in (("a", "1"), ("a", "2"), ("b", "1")):
                tasks = (await hub.session(session_id)).tasks
                tasks.start(name, log.work(session_id + name))
            await settled()
            assert log.lines == ["a1 begins", "a2 begins", "b1 begins"]

    async def test_a_task_may_replace_itself(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks

            async def again() -> None:
                tasks.start("poll", log.short("next"))

            tasks.start("poll", again())
            await tasks.wait_idle()
        assert log.lines == ["next"]

    async def test_what_is_no_coroutine_or_has_no_name_is_refused(self, hub: Hub) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            with pytest.raises(TypeError, match="a task's name is a string; got None"):
                tasks.start(cast(str, None), Log().short("a"))
            with pytest.raises(TypeError, match="needs a coroutine"):
                tasks.start("answer", cast(Coroutine[object, object, None], Log().work))
            await tasks.wait_idle()


class TestCancel:
    async def test_it_cancels_the_task_and_says_so(self, hub: Hub, log: Log) -> None:
        async with hub:
            log.open.set()
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.work("it"))
            await settled()
            assert tasks.cancel("answer")
            await tasks.wait_idle()
        assert log.lines == ["it begins", "it is cancelled", "it ends"]

    async def test_without_a_task_of_that_name_it_answers_false(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
            assert not tasks.cancel("answer")
            tasks.start("answer", log.short("it"))
            await tasks.wait_idle()
            assert not tasks.cancel("answer")

    async def test_a_task_that_is_cancelled_before_its_first_step_leaks_no_coroutine(
        self, hub: Hub, log: Log
    ) -> None:
        """A coroutine that nobody awaits is a warning, and so an error in this suite."""
        async with hub:
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.short("never"))
            assert tasks.cancel("answer")
            await tasks.wait_idle()
            gc.collect()
        assert log.lines == []

    async def test_a_cancelled_task_is_no_failure(
        self, hub: Hub, log: Log, store: HydrationStore
    ) -> None:
        async with hub:
            log.open.set()
            tasks = (await hub.session("s")).tasks
            tasks.start("answer", log.work("it"))
            await settled()
            tasks.cancel("answer")
            await tasks.wait_idle()
            await say(hub, "x")
            assert await store.errors("s") == []


class TestWaitIdle:
    async def test_it_returns_at_once_without_tasks(self, hub: Hub) -> None:
        async with hub:
            await (await hub.session("s")).tasks.wait_idle()

    async def test_it_waits_for_tasks_that_are_started_meanwhile(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks

            async def start_another() -> None:
                tasks.start("second", log.short("second"))

            tasks.start("first", start_another())
            await tasks.wait_idle()
        assert log.lines == ["second"]

    async def test_it_does_not_wait_for_other_sessions(self, hub: Hub, log: Log) -> None:
        async with hub:
            log.open.set()
            (await hub.session("other")).tasks.start("answer", log.work("it"))
            await (await hub.session("s")).tasks.wait_idle()

    async def test_a_task_may_wait_for_the_others(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks

            async def last() -> None:
                await tasks.wait_idle()
                log.lines.append("last")

            tasks.start("last", last())
            tasks.start("first", log.short("first"))
            await tasks.wait_idle()
        assert log.lines == ["first", "last"]

    async def test_two_tasks_that_wait_for_the_others_do_not_wait_for_each_other(
        self, hub: Hub, log: Log
    ) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks

            async def last(name: str) -> None:
                await tasks.wait_idle()
                log.lines.append(name)

            tasks.start("last", last("last"))
            tasks.start("also last", last("also last"))
            tasks.start("first", log.short("first"))
            await tasks.wait_idle()
        assert log.lines[0] == "first"
        assert len(log.lines) == 3


class TestShutdown:
    async def test_a_running_task_is_cancelled_and_awaited(self, hub: Hub, log: Log) -> None:
        log.open.set()
        async with hub:
            (await hub.session("s")).tasks.start("answer", log.work("it"))
            await settled()
        assert log.lines == ["it begins", "it is cancelled", "it ends"]

    async def test_a_task_may_publish_while_it_is_being_cancelled(
        self, hub: Hub, store: HydrationStore
    ) -> None:
        begun = asyncio.Event()

        async def answer(publisher: EventPublisher) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                await publisher.publish("Said", text("stopped"))

        async def handle(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            session.tasks.start("answer", answer(publisher))

        async with hub:
            hub.register_command("Say", handle)
            await hub.submit("s", "Say", text("hi"))
            await begun.wait()
        assert [text_of(event.payload) for event in await events_of(store, "s")] == ["stopped"]

    async def test_after_it_no_task_is_started(self, hub: Hub, log: Log) -> None:
        async with hub:
            tasks = (await hub.session("s")).tasks
        with pytest.raises(HubClosedError, match="starting the task 'answer'"):
            tasks.start("answer", log.short("never"))
        gc.collect()

    async def test_a_task_that_starts_another_while_it_is_cancelled_is_refused(
        self, hub: Hub, log: Log
    ) -> None:
        refused: list[HubClosedError] = []
        async with hub:
            tasks = (await hub.session("s")).tasks

            async def stubborn() -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    try:
                        tasks.start("again", log.short("never"))
                    except HubClosedError as error:
                        refused.append(error)

            tasks.start("answer", stubborn())
            await settled()
        assert len(refused) == 1
