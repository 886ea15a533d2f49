"""The chat without a browser: one question, answered in the terminal."""

from __future__ import annotations

import asyncio
import sys
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


class Printer:
    """A `UIFanout` that writes an answer as it grows."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.answer = pb.ChatMessage()

    async def publish_ui(
        self, session_id: str, ordinal: int, events: Sequence[UIEvent[Message]]
    ) -> None:
        """Writes chunks; keeps the last whole message, which says how it ended."""
        for event in events:
            if isinstance(event.payload, pb.ChatMessageUpdate):
                self._out.write(event.payload.chunk)
                self._out.flush()
                if event.payload.HasField("message"):
                    self.answer = event.payload.message


async def ask(engine: AnsweringEngine, prompt: str, path: Path | None = None) -> bool:
    """Prints the answer; returns whether it is complete. Cancelling stops the answer.

    Raises:
        PromptError: The prompt is empty or too long.
        StoreError: The file can't be opened.
    """
    printer = Printer(sys.stdout)
    async with open_chat(engine, path) as hub:
        hub.add_fanout(printer)
        client, session_id = ChatClient(hub), f"ask-{uuid4().hex}"
        session = await hub.session(session_id)
        try:
            await client.chat_start_inference(session_id, pb.ChatStartInference(prompt=prompt))
            await session.tasks.wait_idle()
        except asyncio.CancelledError:
            await client.chat_stop_inference(session_id, pb.ChatStopInference())
            raise
        finally:
            await session.tasks.wait_idle()
            if printer.answer.message_id:
                sys.stdout.write("\n")
    if printer.answer.detail:
        sys.stderr.write(f"{printer.answer.detail}\n")
    return printer.answer.status == pb.CHAT_STATUS_COMPLETE
