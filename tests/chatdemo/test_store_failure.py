"""What becomes of an answer when the store fails in the middle of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import repeat

import pytest
from chatdemo.engine import EngineError
from chatdemo.handlers import Handlers
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatEntities, ChatUI, install

from sessionstream import StoreFullError
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import any_text
from sessionstream.testing.fakes import GatedStore
from tests.chatdemo.helpers import (
    FAILED,
    STOPPED,
    STREAMING,
    ChatScenario,
    ScriptedEngine,
    answer,
    half_an_answer,
    question,
    whole,
)

FULL = StoreFullError("chat.db", "the disk is full")
STORE_FAILED = "The store failed during the answer."


class Pauses:
    """Endless pauses of one length, and a sign that one has begun."""

    def __init__(self, seconds: float) -> None:
        self.begun = asyncio.Event()
        self._seconds = seconds

    def __iter__(self) -> Iterator[float]:
        while True:
            self.begun.set()
            yield self._seconds


class Chat(ChatScenario):
    """A chat over a store that fails when it is told to."""

    def __init__(self, pauses: Iterable[float]) -> None:
        self.store = GatedStore(MemoryStore())
        self.engine = ScriptedEngine()
        self.handlers = Handlers(self.engine, pauses)
        modules = partial(
            install, handlers=self.handlers, ui=LiveMessages(), timeline=StoredMessages()
        )
        super().__init__(modules, store=self.store)

    async def begin(self) -> None:
        """Returns in the middle of an answer."""
        await half_an_answer(self, self.engine)

    async def then_answered(self, message: pb.ChatMessage) -> None:
        """The timeline has this answer when nothing writes it any more."""
        await self.until_idle()
        entity = ChatEntities.chat_message
        await self.then_timeline(entity(question("hello")), entity(message))


@asynccontextmanager
async def opened(pauses: Iterable[float] = repeat(0.0)) -> AsyncIterator[Chat]:
    async with Chat(pauses) as chat:
        try:
            yield chat
        finally:
            chat.handlers.shut_down()


class TestAnAnswerThatCantBeStored:
    @pytest.mark.parametrize("failures", [1, 2, 5])
    async def test_is_shown_as_failed_as_soon_as_the_store_works_again(self, failures: int) -> None:
        async with opened() as chat:
            await chat.begin()
            chat.store.fail_next(*[FULL] * failures)
            chat.engine.say(" and more")
            failed = answer("half", FAILED, STORE_FAILED)
            await chat.then_answered(failed)
            await chat.until_shown(ChatUI.chat_message_stopped(whole(failed)))

    async def test_is_shown_as_failed_if_it_could_not_even_begin(self) -> None:
        async with opened() as chat:
            chat.store.hold()
            command = asyncio.create_task(chat.when(pb.StartInference(prompt="hello")))
            await chat.store.wait_held()
            chat.store.release()  # the prompt
            chat.store.hold()
            await command
            await chat.store.wait_held()
            chat.store.fail_next(FULL, FULL)
            chat.store.release()
            failed = answer("", FAILED, STORE_FAILED)
            await chat.then_answered(failed)
            await chat.until_shown(ChatUI.chat_message_stopped(whole(failed)))

    async def test_is_stopped_late_but_stopped(self) -> None:
        async with opened() as chat:
            await chat.begin()
            chat.store.fail_next(FULL, FULL)
            await chat.when(pb.StopInference())
            await chat.then_answered(answer("half", STOPPED))

    async def test_of_a_failing_engine_tells_what_the_engine_said(self) -> None:
        async with opened() as chat:
            await chat.begin()
            chat.store.fail_next(FULL, FULL)
            chat.engine.fail(EngineError("The model is overloaded."))
            await chat.then_answered(answer("half", FAILED, "The model is overloaded."))

    async def test_is_tried_at_once_when_somebody_stops_it(self) -> None:
        async with opened(pauses := Pauses(3600.0)) as chat:
            await chat.begin()
            chat.store.fail_next(FULL, FULL)
            chat.engine.say(" and more")
            await pauses.begun.wait()
            await chat.when(pb.StopInference())
            await chat.then_answered(answer("half", FAILED, STORE_FAILED))

    async def test_does_not_hold_up_the_shutdown(self) -> None:
        """The next start finds it unfinished, and records it as interrupted."""
        async with opened(pauses := Pauses(3600.0)) as chat:
            await chat.begin()
            chat.store.fail_next(*[FULL] * 5)
            chat.engine.say(" and more")
            await pauses.begun.wait()
        [*_, last] = chat.store.batches
        assert [event.name for commit in last for event in commit.events] == ["ChatTokensDelta"]

    async def test_is_given_up_after_the_last_pause(self) -> None:
        async with opened(()) as chat:
            await chat.begin()
            chat.store.fail_next(FULL, FULL)
            chat.engine.say(" and more")
            await chat.then_answered(answer("half", STREAMING))

    async def test_is_told_of_in_the_log_without_its_text(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with opened() as chat:
            await chat.begin()
            chat.store.fail_next(*[FULL] * 5)
            chat.engine.say(" and more")
            await chat.until_idle()
        records = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert [record.name for record in records] == ["chatdemo"] * 2
        assert all(str(FULL) in record.getMessage() for record in records)
        assert "more" not in caplog.text

    async def test_leaves_the_session_able_to_answer(self) -> None:
        async with opened() as chat:
            await chat.begin()
            chat.store.fail_next(FULL, FULL)
            chat.engine.say(" and more")
            await chat.then_answered(answer("half", FAILED, STORE_FAILED))
            await chat.when(pb.StartInference(prompt="two"))
            chat.engine.say("yes")
            chat.engine.finish()
            await chat.until_idle()
            await chat.then_changed(
                ChatEntities.chat_message(question("two", any_text("second question"))),
                ChatEntities.chat_message(answer("yes", message_id=any_text("second answer"))),
            )
