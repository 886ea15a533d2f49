"""What cancelling a submit does to its handler."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.message import Message

from sessionstream import Command, EventPublisher, Hub, SchemaRegistry, Session
from tests.runtime.app import settled, text


class Waiting:
    """A handler that publishes, then waits until it is cancelled."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self.cancelled = False

    async def __call__(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        await publisher.publish("Said", text("before"))
        self.waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@pytest.fixture
def hub(registry: SchemaRegistry) -> Hub:
    return Hub(registry)


class TestCancellingSubmit:
    async def test_it_cancels_the_handler(self, hub: Hub) -> None:
        handler = Waiting()
        hub.register_command("Say", handler)
        async with hub:
            submitted = asyncio.ensure_future(hub.submit("s", "Say", text("hi")))
            await handler.waits.wait()
            submitted.cancel()
            await asyncio.wait([submitted])
            assert submitted.cancelled()
            assert handler.cancelled

    async def test_what_the_handler_published_stays(self, hub: Hub) -> None:
        handler = Waiting()
        hub.register_command("Say", handler)
        async with hub:
            submitted = asyncio.ensure_future(hub.submit("s", "Say", text("hi")))
            await handler.waits.wait()
            submitted.cancel()
            await asyncio.wait([submitted])
            assert await hub.event_cursor("s") == 1

    async def test_the_call_ends_after_the_handler_has_cleaned_up(self, hub: Hub) -> None:
        begun = asyncio.Event()

        async def clean_up(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                await publisher.publish("Said", text("stopped"))

        async with hub:
            hub.register_command("Say", clean_up)
            submitted = asyncio.ensure_future(hub.submit("s", "Say", text("hi")))
            await begun.wait()
            submitted.cancel()
            await asyncio.wait([submitted])
            assert await hub.event_cursor("s") == 1

    async def test_a_timeout_around_it_works(self, hub: Hub) -> None:
        handler = Waiting()
        hub.register_command("Say", handler)
        async with hub:
            with pytest.raises(TimeoutError):
                await self.submit_until(hub, handler.waits)
            assert handler.cancelled

    async def submit_until(self, hub: Hub, late: asyncio.Event) -> None:
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:

            async def run_out_of_time() -> None:
                await late.wait()
                limit.reschedule(asyncio.get_running_loop().time())

            group.create_task(run_out_of_time())
            await hub.submit("s", "Say", text("hi"))

    async def test_a_cancellation_that_is_the_handlers_own_is_passed_on_as_it_is(
        self, hub: Hub
    ) -> None:
        """The Hub is not closed, so it must not say that it is."""

        async def wait_for_a_cancelled_task(
            command: Command[Message], session: Session, publisher: EventPublisher
        ) -> None:
            inner = asyncio.ensure_future(asyncio.Event().wait())
            inner.cancel()
            await inner

        hub.register_command("Say", wait_for_a_cancelled_task)
        submitted = asyncio.ensure_future(hub.submit("s", "Say", text("hi")))
        await settled()
        assert submitted.cancelled()
