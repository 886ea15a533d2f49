"""The examples in the docstrings run, and the kit needs no test framework."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from typing import final
from uuid import uuid4

import pytest
from chatdemo.projections import LiveMessages, StoredMessages
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1 import chat_sessionstream as chat_module

from sessionstream import Command, Hub, Session, override, testing
from tests.chatdemo.helpers import ChatScenario

# Values that others give out, and a subclass of what has an example.
WITHOUT = {"DurableStoreContract", "Received", "ReceivedSnapshot", "StoreOptions"}


@final
class Handlers(chat_module.ChatHandlers):
    """Begins an answer to every prompt, and no more."""

    @override
    async def start_inference(
        self,
        command: Command[pb.StartInference],
        session: Session,
        publisher: chat_module.ChatPublisher,
    ) -> None:
        prompt = command.payload.prompt
        if not prompt:
            raise ValueError("the prompt is empty")
        await publisher.publish(pb.UserMessageAccepted(message_id=uuid4().hex, text=prompt))
        await publisher.publish(pb.InferenceStarted(message_id=uuid4().hex))

    @override
    async def stop_inference(
        self,
        command: Command[pb.StopInference],
        session: Session,
        publisher: chat_module.ChatPublisher,
    ) -> None:
        """Has nothing to stop."""


def install(hub: Hub) -> None:
    chat_module.install(hub, handlers=Handlers(), ui=LiveMessages(), timeline=StoredMessages())


def examples(name: str) -> list[str]:
    """Returns the indented blocks after ``::`` in the docstring of a public name."""
    lines = (inspect.getdoc(getattr(testing, name)) or "").splitlines()
    return [
        textwrap.dedent("\n".join(_block(lines[number + 1 :])))
        for number, line in enumerate(lines)
        if line.endswith("::")
    ]


def _block(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        if line and not line.startswith("    "):
            return
        yield line


class TestExamples:
    @pytest.mark.parametrize("name", sorted(set(testing.__all__) - WITHOUT))
    async def test_of_every_public_name_run(self, name: str) -> None:
        assert examples(name)
        for example in examples(name):
            async with ChatScenario(install) as chat:
                names = {
                    **vars(chat_module),
                    **{public: getattr(testing, public) for public in testing.__all__},
                    "ChatScenario": ChatScenario,
                    "install": install,
                    "chat": chat,
                    "hub": chat.hub,
                }
                flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
                running = eval(compile(example, name, "exec", flags=flags), names)
                if running is not None:
                    await running


class TestTheKit:
    def test_imports_no_test_framework(self) -> None:
        code = (
            "import sys, sessionstream.testing, sessionstream.testing.fakes; "
            "print({'pytest', '_pytest', 'unittest', 'hypothesis'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert done.stdout.strip() == "set()"
