"""What is left of a chat after its process has ended, well or badly."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from chatdemo.chat import open_chat, record_interrupted
from chatdemo.handlers import Handlers
from chatdemo.projections import StoredMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import (
    ChatClient,
    ChatEntity,
    ChatUI,
    ChatUIEvent,
    install,
)
from websockets.sync.client import ClientConnection

from sessionstream import Hub, SchemaRegistry
from sessionstream.hydration.memory import MemoryStore
from sessionstream.testing import MemoryServer
from tests.chatdemo.helpers import (
    COMPLETE,
    INTERRUPTED,
    STREAMING,
    ScriptedEngine,
    answer,
    appended,
    messages_of,
    running_demo,
    whole,
)


async def ask(hub: Hub, engine: ScriptedEngine, *said: str, session_id: str = "s") -> None:
    """Returns in the middle of an answer that has said so much."""
    async with MemoryServer[ChatUIEvent, ChatEntity](hub) as server:
        page = await server.connect()
        await page.subscribe(session_id)
        await ChatClient(hub).start_inference(session_id, pb.StartInference(prompt="hello"))
        engine.say(*said)
        await page.until_shown(ChatUI.chat_message_started(whole(answer("", STREAMING))))
        for chunk in said:
            await page.until_shown(appended(chunk))


async def finish(hub: Hub, engine: ScriptedEngine, session_id: str = "s") -> None:
    """Returns when the answer is complete."""
    engine.finish()
    await (await hub.session(session_id)).tasks.wait_idle()


async def shown(hub: Hub) -> list[tuple[str, pb.ChatStatus.ValueType]]:
    return [(message.text, message.status) for message in await messages_of(hub, "s")]


class TestAnAnswerCutOff:
    async def test_by_a_crash_is_shown_as_interrupted_with_its_text(
        self, tmp_path: Path, engine: ScriptedEngine
    ) -> None:
        """The copy is what a crash at that moment leaves behind: file and log, no closing."""
        before, after = tmp_path / "before", tmp_path / "after"
        before.mkdir()
        async with open_chat(engine, before / "chat.db") as hub:
            await ask(hub, engine, "half ", "an answer")
            shutil.copytree(before, after)
        async with open_chat(engine, after / "chat.db") as hub:
            assert await shown(hub) == [("hello", COMPLETE), ("half an answer", INTERRUPTED)]

    async def test_by_a_shutdown_is_shown_as_interrupted_with_its_text(
        self, tmp_path: Path, engine: ScriptedEngine
    ) -> None:
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            await ask(hub, engine, "half")
            head = await hub.event_cursor("s")
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            assert await shown(hub) == [("hello", COMPLETE), ("half", INTERRUPTED)]
            assert await hub.event_cursor("s") == head + 1, "recorded once, by the shutdown"

    async def test_can_be_followed_by_another_whose_ids_are_new(
        self, tmp_path: Path, engine: ScriptedEngine
    ) -> None:
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            await ask(hub, engine, "half")
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            await ask(hub, engine, "whole")
            await finish(hub, engine)
            assert await shown(hub) == [
                ("hello", COMPLETE),
                ("half", INTERRUPTED),
                ("hello", COMPLETE),
                ("whole", COMPLETE),
            ]


class TestACompleteAnswer:
    async def test_is_untouched_by_a_restart(self, tmp_path: Path, engine: ScriptedEngine) -> None:
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            await ask(hub, engine, "whole")
            await finish(hub, engine)
            head = await hub.event_cursor("s")
        async with open_chat(engine, tmp_path / "chat.db") as hub:
            assert await shown(hub) == [("hello", COMPLETE), ("whole", COMPLETE)]
            assert await hub.event_cursor("s") == head


class TestRecordInterrupted:
    async def test_finds_the_unfinished_of_every_session_and_only_once(self) -> None:
        """More sessions than the store gives at a time."""
        sessions = [f"session-{number:03}" for number in range(120)]
        engine, store = ScriptedEngine(), MemoryStore()
        async with Hub(SchemaRegistry(), store=store) as hub:
            install(hub, handlers=Handlers(engine), timeline=StoredMessages())
            for session_id in sessions:
                started = pb.InferenceStarted(message_id="m")
                await hub.publish(session_id, "ChatInferenceStarted", started)
            for _ in range(2):
                await record_interrupted(hub, store)
            for session_id in sessions:
                [answer] = await messages_of(hub, session_id)
                assert answer.status == INTERRUPTED
                assert await hub.event_cursor(session_id) == 2

    async def test_passes_over_a_damaged_session_and_names_it(
        self, tmp_path: Path, engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
    ) -> None:
        before, after = tmp_path / "before", tmp_path / "after"
        before.mkdir()
        async with open_chat(engine, before / "chat.db") as hub:
            await ask(hub, engine, "lost", session_id="damaged")
            await finish(hub, engine, session_id="damaged")
            await ask(hub, engine, "half")
            shutil.copytree(before, after)
        with closing(sqlite3.connect(after / "chat.db")) as database, database:
            database.execute(
                "DELETE FROM events WHERE session_key ="
                " (SELECT session_key FROM sessions WHERE session_id = 'damaged')"
            )
        async with open_chat(engine, after / "chat.db") as hub:
            assert await shown(hub) == [("hello", COMPLETE), ("half", INTERRUPTED)]
        [record] = [each for each in caplog.records if each.name == "chatdemo"]
        assert "'damaged'" in record.getMessage()


class TestAServerKilledInMidAnswer:
    """The served demo, `kill -9`, and a client that remembers what it was shown."""

    PROMPT = "tell me something long " * 30

    def test_loses_nothing_that_a_client_was_shown(self, tmp_path: Path) -> None:
        arguments = ["--db", str(tmp_path / "chat.db"), "--pace", "0.01"]
        with running_demo(*arguments) as demo:
            with demo.watch("s") as frames:
                demo.ask("s", self.PROMPT)
                seen = text_until(frames, 40)
            demo.kill()
        with running_demo(*arguments) as demo, demo.watch("s") as frames:
            asked, answered = snapshot_in(frames)
        assert asked["text"] == self.PROMPT.strip()
        assert str(answered["text"]).startswith(seen)
        assert answered["status"] == "CHAT_STATUS_INTERRUPTED"


def text_until(frames: ClientConnection, length: int) -> str:
    """Reads UI events until the answer is so long; its text."""
    text = ""
    for data in frames:
        event = json.loads(data).get("uiEvent", {})
        if event.get("name") == "ChatMessageAppended":
            text += str(event["payload"]["chunk"])
            if len(text) >= length:
                return text
    raise AssertionError("the connection ended")


def snapshot_in(frames: ClientConnection) -> list[dict[str, object]]:
    """Reads to the snapshot; the messages in it."""
    for data in frames:
        snapshot = json.loads(data).get("snapshot")
        if snapshot is not None:
            return [entity["payload"] for entity in snapshot["entities"]]
    raise AssertionError("the connection ended")
