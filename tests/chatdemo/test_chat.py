"""What happens to prompts, from the command to the snapshot."""

from __future__ import annotations

import asyncio

import pytest
from chatdemo.engine import EngineError
from chatdemo.handlers import MAX_PROMPT_LENGTH, PromptError
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatClient

from sessionstream import Hub
from tests.chatdemo.helpers import ScriptedEngine, Watcher, messages_of


async def idle(hub: Hub) -> None:
    """Returns when no answer is being written."""
    await (await hub.session("s")).tasks.wait_idle()


class TestAPrompt:
    async def test_becomes_a_message_and_an_answer_that_are_complete(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="  hello  "))
        engine.say("Good ", "day")
        engine.finish()
        await idle(hub)
        question, answer = await messages_of(hub, "s")
        assert (question.role, question.text) == (pb.CHAT_ROLE_USER, "hello")
        assert (answer.role, answer.text) == (pb.CHAT_ROLE_ASSISTANT, "Good day")
        assert question.status == answer.status == pb.CHAT_STATUS_COMPLETE
        assert engine.prompts == ["hello"]

    async def test_is_shown_live_chunk_by_chunk(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine, watcher: Watcher
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.say("Good ", "day")
        engine.finish()
        await idle(hub)
        assert watcher.names == [
            "ChatMessageAccepted",
            "ChatMessageStarted",
            "ChatInferenceTrace",
            "ChatMessageAppended",
            "ChatMessageAppended",
            "ChatMessageFinished",
        ]
        appended = [update for update in watcher.updates if update.HasField("chunk")]
        assert [update.chunk for update in appended] == ["Good ", "day"]
        assert not any(update.HasField("message") for update in appended)
        assert watcher.updates[-1].message.text == "Good day"

    async def test_is_accepted_before_its_answer_is_there(
        self, hub: Hub, client: ChatClient, watcher: Watcher
    ) -> None:
        """The engine has said nothing, and never will: the command has returned."""
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        await watcher.until_name("ChatMessageStarted")
        _, answer = await messages_of(hub, "s")
        assert (answer.text, answer.status) == ("", pb.CHAT_STATUS_STREAMING)

    @pytest.mark.parametrize("prompt", ["", " \n ", "x" * (MAX_PROMPT_LENGTH + 1)])
    async def test_that_is_empty_or_too_long_is_refused_and_changes_nothing(
        self, hub: Hub, client: ChatClient, prompt: str
    ) -> None:
        with pytest.raises(PromptError):
            await client.start_inference("s", pb.StartInference(prompt=prompt))
        assert await hub.event_cursor("s") == 0

    async def test_of_the_greatest_length_is_answered(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        prompt = "x" * MAX_PROMPT_LENGTH
        await client.start_inference("s", pb.StartInference(prompt=prompt))
        engine.finish()
        await idle(hub)
        assert engine.prompts == [prompt]

    async def test_stops_the_answer_before_it(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine, watcher: Watcher
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="one"))
        engine.say("half")
        await watcher.until_text("half")
        await client.start_inference("s", pb.StartInference(prompt="two"))
        await watcher.until_name("ChatMessageStopped")
        engine.finish()
        await idle(hub)
        shown = [(each.text, each.status) for each in await messages_of(hub, "s")]
        assert shown == [
            ("one", pb.CHAT_STATUS_COMPLETE),
            ("half", pb.CHAT_STATUS_STOPPED),
            ("two", pb.CHAT_STATUS_COMPLETE),
            ("", pb.CHAT_STATUS_COMPLETE),
        ]


class TestStopping:
    async def test_keeps_what_was_said(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine, watcher: Watcher
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.say("half")
        await watcher.until_text("half")
        await client.stop_inference("s", pb.StopInference())
        await idle(hub)
        _, answer = await messages_of(hub, "s")
        assert (answer.text, answer.status) == ("half", pb.CHAT_STATUS_STOPPED)
        assert watcher.updates[-1].message == answer

    @pytest.mark.parametrize("steps", range(12))
    async def test_twice_is_the_same_as_once(
        self,
        hub: Hub,
        client: ChatClient,
        engine: ScriptedEngine,
        watcher: Watcher,
        steps: int,
    ) -> None:
        """The second stop comes while the first is being recorded: so many steps later."""
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.say("half")
        await watcher.until_text("half")
        await client.stop_inference("s", pb.StopInference())
        for _ in range(steps):
            await asyncio.sleep(0)
        await client.stop_inference("s", pb.StopInference())
        await idle(hub)
        assert watcher.names.count("ChatMessageStopped") == 1
        _, answer = await messages_of(hub, "s")
        assert answer.status == pb.CHAT_STATUS_STOPPED

    async def test_without_an_answer_changes_nothing(self, hub: Hub, client: ChatClient) -> None:
        await client.stop_inference("s", pb.StopInference())
        assert await hub.event_cursor("s") == 0

    async def test_after_the_end_changes_nothing(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.finish()
        await idle(hub)
        before = await messages_of(hub, "s")
        await client.stop_inference("s", pb.StopInference())
        await hub.publish(
            "s",
            "ChatInferenceStopped",
            pb.InferenceStopped(message_id=before[1].message_id),
        )
        assert await messages_of(hub, "s") == before

    async def test_reaches_its_own_session_only(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine, watcher: Watcher
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        await watcher.until_name("ChatMessageStarted")
        await client.stop_inference("another", pb.StopInference())
        engine.say("whole")
        engine.finish()
        await idle(hub)
        _, answer = await messages_of(hub, "s")
        assert (answer.text, answer.status) == ("whole", pb.CHAT_STATUS_COMPLETE)


class TestAFailingEngine:
    async def test_shows_its_answer_as_failed_with_the_reason(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.say("half")
        engine.fail(EngineError("The model is overloaded."))
        await idle(hub)
        _, answer = await messages_of(hub, "s")
        assert answer.text == "half"
        assert answer.status == pb.CHAT_STATUS_FAILED
        assert answer.detail == "The model is overloaded."

    async def test_never_shows_the_text_of_an_unexpected_error(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="hello"))
        engine.fail(RuntimeError("password=hunter2"))
        await idle(hub)
        _, answer = await messages_of(hub, "s")
        assert answer.status == pb.CHAT_STATUS_FAILED
        assert answer.detail == "The engine broke."

    async def test_leaves_the_session_able_to_answer(
        self, hub: Hub, client: ChatClient, engine: ScriptedEngine
    ) -> None:
        await client.start_inference("s", pb.StartInference(prompt="one"))
        engine.fail(EngineError("No."))
        await idle(hub)
        await client.start_inference("s", pb.StartInference(prompt="two"))
        engine.say("yes")
        engine.finish()
        await idle(hub)
        assert (await messages_of(hub, "s"))[-1].text == "yes"
