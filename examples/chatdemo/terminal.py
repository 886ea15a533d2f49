"""The chat without a browser: one question, answered in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from google.protobuf.message import Message

from chatdemo.chat import open_chat
from chatdemo.engine import AnsweringEngine
from chatdemo.v1 import chat_pb2 as pb
from chatdemo.v1.chat_sessionstream import ChatClient
from sessionstream import Session, UIEvent

# How long the store may fail at the end of an answer until it is given up.
PAUSES = (1.0, 2.0, 4.0)


class NoEndError(Exception):
    """Nothing writes the answer any more, and it has no end."""

    def __str__(self) -> str:
        """A sentence for the person who asked."""
        return "The store failed during the answer, and took no end of it either."


class Updates(asyncio.Queue[pb.ChatMessageUpdate | None]):
    """A `UIFanout` that hands on what is told of messages; None follows the last."""

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Takes the updates among the events; never suspends."""
        for event in events:
            if isinstance(event.payload, pb.ChatMessageUpdate):
                self.put_nowait(event.payload)

    async def end_with(self, session: Session) -> None:
        """Puts the None when nothing but this task is running in the session."""
        await session.tasks.wait_idle()
        self.put_nowait(None)


async def ask(
    engine: AnsweringEngine, prompt: str, out: TextIO, path: Path | None = None
) -> pb.ChatMessage:
    """Writes the answer as it grows and returns how it ended.

    Stops the answer when it is cancelled, or when nobody reads it any more.

    Raises:
        CommandRefusedError: The prompt is empty or too long.
        StoreError: The file can't be opened, or doesn't take the prompt.
        NoEndError: The store takes nothing any more.
        OSError: ``out`` takes nothing any more; its reader may have gone.
    """
    async with open_chat(engine, path, PAUSES) as hub:
        hub.add_fanout(updates := Updates())
        client, session = ChatClient(hub), await hub.session(f"ask-{uuid4().hex}")
        try:
            await client.start_inference(session.id, pb.StartInference(prompt=prompt))
            session.tasks.start("end", updates.end_with(session))
            return await _write(updates, out)
        except (asyncio.CancelledError, OSError):
            await client.stop_inference(session.id, pb.StopInference())
            await session.tasks.wait_idle()
            raise


async def _write(updates: Updates, out: TextIO) -> pb.ChatMessage:
    while update := await updates.get():
        message = update.message
        if message.role == pb.CHAT_ROLE_ASSISTANT and message.status != pb.CHAT_STATUS_STREAMING:
            _print(out, "\n")
            return message
        _print(out, update.chunk)
    _print(out, "\n")
    raise NoEndError


def _print(out: TextIO, text: str) -> None:
    out.write(text)
    out.flush()
