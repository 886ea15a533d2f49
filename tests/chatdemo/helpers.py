"""What the chat's tests expect, an engine that a test steers, and the demo as a process."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import (
    ChatCommand,
    ChatEntity,
    ChatEvent,
    ChatMessageAppended,
    ChatUI,
    ChatUIEvent,
)
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from sessionstream import Hub
from sessionstream.testing import Scenario, any_text
from tests.listening import wait_until_nobody_listens

ChatScenario = Scenario[ChatCommand, ChatEvent, ChatUIEvent, ChatEntity]

QUESTION = any_text("question")
ANSWER = any_text("answer")

COMPLETE = pb.CHAT_STATUS_COMPLETE
FAILED = pb.CHAT_STATUS_FAILED
INTERRUPTED = pb.CHAT_STATUS_INTERRUPTED
STOPPED = pb.CHAT_STATUS_STOPPED
STREAMING = pb.CHAT_STATUS_STREAMING


def question(text: str, message_id: str = QUESTION) -> pb.ChatMessage:
    """Returns a person's message."""
    return pb.ChatMessage(message_id=message_id, role=pb.CHAT_ROLE_USER, text=text, status=COMPLETE)


def answer(
    text: str,
    status: pb.ChatStatus.ValueType = COMPLETE,
    detail: str = "",
    message_id: str = ANSWER,
) -> pb.ChatMessage:
    """Returns an answer."""
    return pb.ChatMessage(
        message_id=message_id,
        role=pb.CHAT_ROLE_ASSISTANT,
        text=text,
        status=status,
        detail=detail,
    )


def whole(message: pb.ChatMessage) -> pb.ChatMessageUpdate:
    """Returns the update that replaces a message on a page."""
    return pb.ChatMessageUpdate(message_id=message.message_id, message=message)


def appended(chunk: str) -> ChatMessageAppended:
    """Returns the UI event that lengthens the answer."""
    return ChatUI.chat_message_appended(pb.ChatMessageUpdate(message_id=ANSWER, chunk=chunk))


class ScriptedEngine:
    """Says what the test tells it to, when the test tells it to."""

    name = "scripted"

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self._script: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    async def answer(self, prompt: str) -> AsyncIterator[str]:
        """Yields what `say` was given, until `finish` or `fail`."""
        self.prompts.append(prompt)
        while (piece := await self._script.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def say(self, *chunks: str) -> None:
        for chunk in chunks:
            self._script.put_nowait(chunk)

    def finish(self) -> None:
        self._script.put_nowait(None)

    def fail(self, error: Exception) -> None:
        self._script.put_nowait(error)


async def half_an_answer(chat: ChatScenario, engine: ScriptedEngine) -> None:
    """Returns in the middle of an answer."""
    await chat.when(pb.StartInference(prompt="hello"))
    engine.say("half")
    await chat.until_shown(ChatUI.chat_message_started(whole(answer("", STREAMING))))
    await chat.until_shown(appended("half"))


async def messages_of(hub: Hub, session_id: str) -> list[pb.ChatMessage]:
    """Returns the messages of a snapshot."""
    entities = (await hub.snapshot(session_id)).entities
    return [each.payload for each in entities if isinstance(each.payload, pb.ChatMessage)]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running ``python -m chatdemo serve``."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.process.kill()
        self.process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Ends it politely; returns its exit status and what it wrote to stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate()
        return self.process.returncode, errors

    def go_on(self) -> None:
        """Lets a steered demo's answer go on from where it is held, or will be."""
        self.process.send_signal(signal.SIGUSR1)

    def wait_until_refused(self) -> None:
        """Returns when nobody can connect any more."""
        wait_until_nobody_listens(self.port, self.host)

    def get(self, path: str) -> object:
        """Returns the JSON at a path."""
        with urlopen(f"{self.url}{path}") as response:
            return json.load(response)

    def ask(self, session_id: str, prompt: str) -> None:
        """Asks as the page does; returns when the command has been handled."""
        start = {"@type": "type.googleapis.com/chatdemo.v1.StartInference", "prompt": prompt}
        command: dict[str, object] = {
            "requestId": "1",
            "commandId": uuid4().hex,
            "sessionId": session_id,
        }
        command |= {"name": "ChatStartInference", "payload": start}
        url = f"ws://127.0.0.1:{self.port}/ws"
        with connect(url, subprotocols=[Subprotocol("sessionstream.v2.json")]) as connection:
            connection.send(json.dumps({"command": command}))
            acks = (json.loads(data).get("commandAck") for data in connection)
            statuses = [str(ack["status"]) for ack in islice(filter(None, acks), 2)]
            assert statuses == ["ACCEPTED", "COMPLETED"]

    def status(self, path: str, *headers: tuple[str, str]) -> int:
        """Gets a path with these headers, and no Host beside them; returns the status."""
        with closing(http.client.HTTPConnection(self.host, self.port)) as connection:
            connection.putrequest("GET", path, skip_host=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            return connection.getresponse().status

    @contextmanager
    def watch(self, session_id: str) -> Iterator[ClientConnection]:
        """Subscribes as the page does; iterate over the connection for the frames."""
        with connect(f"ws://127.0.0.1:{self.port}/ws") as connection:
            connection.send(json.dumps({"subscribe": {"sessionId": session_id}}))
            yield connection


# A suite that a script runs in the background ignores SIGINT, and so would its children.
_RUN = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""


def start_chatdemo(
    *arguments: str, env: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Starts ``python -m chatdemo`` with the engine for tests; the caller ends it."""
    return _start("chatdemo", *arguments, "--engine", "answer", env=env, stdout=stdout)


def _start(
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, module, *arguments],
        encoding="utf-8",
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONWARNINGS": "error"} | dict(env or {}),
    )


@contextmanager
def running_demo(*arguments: str, port: int = 0) -> Iterator[Demo]:
    """Serves the demo; gives it out when it really listens, kills what is left of it."""
    with _listening(start_chatdemo("serve", "--port", str(port), *arguments)) as demo:
        yield demo


@contextmanager
def steered_demo(*database: str, port: int = 0) -> Iterator[Demo]:
    """Serves it with answers that stop at each `PAUSE` of their prompt, until `Demo.go_on`."""
    with _listening(_start("tests.chatdemo.steered", str(port), *database)) as demo:
        yield demo


@contextmanager
def _listening(process: subprocess.Popen[str]) -> Iterator[Demo]:
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("chatdemo is running at "):
                raise AssertionError(f"it did not start: {line!r} {process.communicate()[1]}")
            yield Demo(process, line.split()[-1])
        finally:
            process.kill()
