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
from sessionstream import UIEvent


class Updates(asyncio.Queue[pb.ChatMessageUpdate]):
    """A `UIFanout` that hands on what is told of messages."""

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Takes the updates among the events; never suspends."""
        for event in events:
            if isinstance(event.payload, pb.ChatMessageUpdate):
                self.put_nowait(event.payload)


async def ask(
    engine: AnsweringEngine, prompt: str, out: TextIO, path: Path | None = None
) -> pb.ChatMessage:
    """Writes the answer as it grows and returns how it ended.

    Stops the answer when it is cancelled, or when nobody reads it any more.

    Raises:
        PromptError: The prompt is empty or too long.
        StoreError: The file can't be opened.
        BrokenPipeError: The reader of ``out`` has gone.
    """
    async with open_chat(engine, path) as hub:
        hub.add_fanout(updates := Updates())
        client, session = ChatClient(hub), await hub.session(f"ask-{uuid4().hex}")
        try:
            await client.chat_start_inference(session.id, pb.ChatStartInference(prompt=prompt))
            return await _write(updates, out)
        except (asyncio.CancelledError, BrokenPipeError):
            await client.chat_stop_inference(session.id, pb.ChatStopInference())
            await session.tasks.wait_idle()
            raise


async def _write(updates: Updates, out: TextIO) -> pb.ChatMessage:
    while True:
        update = await updates.get()
        message = update.message
        if message.role == pb.CHAT_ROLE_ASSISTANT and message.status != pb.CHAT_STATUS_STREAMING:
            out.write("\n")
            return message
        out.write(update.chunk)
        out.flush()
