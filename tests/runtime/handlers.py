"""A command handler and a look at the tasks, for tests of how a Hub closes."""

from __future__ import annotations

import asyncio

from google.protobuf.message import Message

from sessionstream import Command, EventPublisher, Session
from tests.runtime.app import text


class Handler:
    """Waits until it is released, then publishes."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.error: BaseException | None = None

    async def __call__(
        self, command: Command[Message], session: Session, publisher: EventPublisher
    ) -> None:
        self.begun.set()
        try:
            await self.open.wait()
            await publisher.publish("Said", text("late"))
        except BaseException as error:
            self.error = error
            raise


def others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
