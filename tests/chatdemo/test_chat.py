"""What happens to prompts, from the command to the pages and the snapshot."""

from __future__ import annotations

import asyncio

import pytest
from chatdemo.engine import EngineError
from chatdemo.handlers import MAX_PROMPT_LENGTH
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatEntities, ChatUI

from sessionstream import CommandRefusedError, ErrorSource
from sessionstream.testing import any_text
from tests.chatdemo.helpers import (
    ANSWER,
    COMPLETE,
    FAILED,
    QUESTION,
    STOPPED,
    STREAMING,
    ChatScenario,
    ScriptedEngine,
    answer,
    appended,
    half_an_answer,
    question,
    whole,
)

message = ChatEntities.chat_message


class TestAPrompt:
    async def test_becomes_a_message_and_an_answer_that_are_complete(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="  hello  "))
        engine.say("Good ", "day")
        engine.finish()
        await chat.until_idle()
        await chat.then_published(
            pb.UserMessageAccepted(message_id=QUESTION, text="hello"),
            pb.InferenceStarted(message_id=ANSWER),
            pb.InferenceTrace(message_id=ANSWER, detail="The scripted engine reads 5 characters."),
            pb.TokensDelta(message_id=ANSWER, chunk="Good "),
            pb.TokensDelta(message_id=ANSWER, chunk="day"),
            pb.InferenceFinished(message_id=ANSWER),
        )
        await chat.then_timeline(message(question("hello")), message(answer("Good day")))
        assert engine.prompts == ["hello"]

    async def test_is_shown_live_chunk_by_chunk(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="hello"))
        engine.say("Good ", "day")
        engine.finish()
        await chat.until_idle()
        await chat.then_shown(
            ChatUI.chat_message_accepted(whole(question("hello"))),
            ChatUI.chat_message_started(whole(answer("", STREAMING))),
            ChatUI.chat_inference_trace(
                pb.InferenceTrace(
                    message_id=ANSWER, detail="The scripted engine reads 5 characters."
                )
            ),
            appended("Good "),
            appended("day"),
            ChatUI.chat_message_finished(whole(answer("Good day"))),
        )

    async def test_is_accepted_before_its_answer_is_there(self, chat: ChatScenario) -> None:
        """The engine has said nothing, and never will: the command has returned."""
        await chat.when(pb.StartInference(prompt="hello"))
        await chat.until_shown(ChatUI.chat_message_started(whole(answer("", STREAMING))))
        await chat.then_timeline(message(question("hello")), message(answer("", STREAMING)))

    @pytest.mark.parametrize("prompt", ["", " \n ", "x" * (MAX_PROMPT_LENGTH + 1)])
    async def test_that_is_empty_or_too_long_is_refused_and_changes_nothing(
        self, chat: ChatScenario, prompt: str
    ) -> None:
        await chat.when(pb.StartInference(prompt=prompt))
        await chat.then_raised(CommandRefusedError)
        await chat.then_published()

    async def test_is_called_as_its_page_says(self, chat: ChatScenario) -> None:
        await chat.when(pb.StartInference(prompt="hello", message_id="m-1"))
        await chat.until_shown(ChatUI.chat_message_accepted(whole(question("hello", "m-1"))))

    @pytest.mark.parametrize("message_id", ["x" * 65, "a b", "\n", "é"])
    async def test_is_not_called_just_anything(self, chat: ChatScenario, message_id: str) -> None:
        await chat.when(pb.StartInference(prompt="hello", message_id=message_id))
        await chat.then_raised(CommandRefusedError)
        await chat.then_published()

    async def test_of_the_greatest_length_is_answered(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        prompt = "x" * MAX_PROMPT_LENGTH
        await chat.when(pb.StartInference(prompt=prompt))
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(message(question(prompt)), message(answer("")))
        assert engine.prompts == [prompt]

    async def test_stops_the_answer_before_it(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await half_an_answer(chat, engine)
        await chat.when(pb.StartInference(prompt="two"))
        await chat.until_shown(ChatUI.chat_message_stopped(whole(answer("half", STOPPED))))
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(
            message(question("hello")),
            message(answer("half", STOPPED)),
            message(question("two", any_text("second question"))),
            message(answer("", message_id=any_text("second answer"))),
        )


class TestStopping:
    async def test_keeps_what_was_said(self, chat: ChatScenario, engine: ScriptedEngine) -> None:
        await half_an_answer(chat, engine)
        await chat.when(pb.StopInference())
        await chat.until_idle()
        await chat.then_changed(message(answer("half", STOPPED)))
        await chat.then_shown(ChatUI.chat_message_stopped(whole(answer("half", STOPPED))))

    @pytest.mark.parametrize("steps", range(12))
    async def test_twice_is_the_same_as_once(
        self, chat: ChatScenario, engine: ScriptedEngine, steps: int
    ) -> None:
        """The second stop comes while the first is being recorded: so many steps later."""
        await half_an_answer(chat, engine)
        page = await chat.connect()
        await page.subscribe(chat.session_id)
        await chat.when(pb.StopInference())
        for _ in range(steps):
            await asyncio.sleep(0)
        await chat.when(pb.StopInference())
        await chat.until_idle()
        await page.expect_shown(ChatUI.chat_message_stopped(whole(answer("half", STOPPED))))
        await page.expect_nothing()

    async def test_an_answer_by_its_id_is_the_same(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await half_an_answer(chat, engine)
        await chat.when(pb.StopInference(message_id=ANSWER))
        await chat.until_idle()
        await chat.then_changed(message(answer("half", STOPPED)))

    @pytest.mark.parametrize("steps", range(12))
    async def test_an_answer_that_ends_leaves_the_next_one_alone(
        self, chat: ChatScenario, engine: ScriptedEngine, steps: int
    ) -> None:
        """A stop that was on its way while the connection was gone comes late."""
        await half_an_answer(chat, engine)
        await chat.when(pb.StartInference(prompt="two"))
        for _ in range(steps):
            await asyncio.sleep(0)
        await chat.when(pb.StopInference(message_id=ANSWER))
        engine.say("whole")
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(
            message(question("hello")),
            message(answer("half", STOPPED)),
            message(question("two", any_text("second question"))),
            message(answer("whole", message_id=any_text("second answer"))),
        )

    async def test_without_an_answer_changes_nothing(self, chat: ChatScenario) -> None:
        await chat.when(pb.StopInference())
        await chat.until_idle()
        await chat.then_published()

    async def test_after_the_end_changes_nothing(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="hello"))
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(message(question("hello")), message(answer("")))
        await chat.when(pb.StopInference())
        await chat.until_idle()
        await chat.then_published()
        await chat.when(pb.InferenceStopped(message_id=ANSWER))
        await chat.then_changed()
        await chat.then_shown()

    async def test_reaches_its_own_session_only(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await half_an_answer(chat, engine)
        await chat.in_session("another").when(pb.StopInference())
        engine.say(" and whole")
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(message(question("hello")), message(answer("half and whole")))


class TestAPage:
    async def test_that_is_opened_in_mid_answer_gets_what_is_there_and_what_follows(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await half_an_answer(chat, engine)
        page = await chat.connect()
        await page.subscribe(chat.session_id)
        await page.expect_snapshot(
            chat.session_id, message(question("hello")), message(answer("half", STREAMING))
        )
        engine.say(" and whole")
        engine.finish()
        await page.expect_shown(
            appended(" and whole"), ChatUI.chat_message_finished(whole(answer("half and whole")))
        )

    async def test_that_is_closed_leaves_the_answer_running(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        page = await chat.connect()
        await page.subscribe(chat.session_id)
        await half_an_answer(chat, engine)
        await page.disconnect()
        engine.finish()
        await chat.until_idle()
        await chat.then_timeline(message(question("hello")), message(answer("half")))


class TestAFailingEngine:
    async def test_shows_its_answer_as_failed_with_the_reason(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="hello"))
        engine.say("half")
        engine.fail(EngineError("The model is overloaded."))
        await chat.until_idle()
        failed = answer("half", FAILED, "The model is overloaded.")
        await chat.then_timeline(message(question("hello")), message(failed))

    async def test_never_shows_the_text_of_an_unexpected_error(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="hello"))
        engine.fail(RuntimeError("password=hunter2"))
        await chat.until_idle()
        failed = answer("", FAILED, "The engine broke.")
        await chat.then_timeline(message(question("hello")), message(failed))
        await chat.then_recorded(ErrorSource.TASK, "RuntimeError: password")

    async def test_leaves_the_session_able_to_answer(
        self, chat: ChatScenario, engine: ScriptedEngine
    ) -> None:
        await chat.when(pb.StartInference(prompt="one"))
        engine.fail(EngineError("No."))
        await chat.until_idle()
        await chat.when(pb.StartInference(prompt="two"))
        engine.say("yes")
        engine.finish()
        await chat.until_idle()
        await chat.then_changed(message(question("two")), message(answer("yes", COMPLETE)))
