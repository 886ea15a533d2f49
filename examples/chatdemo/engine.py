"""What answers a prompt. Put a model's client in the place of `EchoEngine`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from chatdemo.graphemes import split_text


class EngineError(Exception):
    """An answer can't go on. The text is a sentence for the person who asked."""


class AnsweringEngine(Protocol):
    """Answers prompts, piece by piece."""

    @property
    def name(self) -> str:
        """What to call it in front of people."""
        ...

    def answer(self, prompt: str) -> AsyncIterator[str]:
        """Yields the answer's pieces, none of them empty, none cutting a character.

        Cancelling the task that iterates stops the answer.

        Raises:
            EngineError: It can't go on; what was yielded so far stands.
        """
        ...


class EchoEngine:
    """Answers with the prompt itself, at a person's reading pace; needs no network.

    A prompt that begins with ``/fail`` fails on its way, to show how that looks.
    """

    name = "echo"

    def __init__(self, *, pace: float = 0.05, characters_per_chunk: int = 3) -> None:
        self._pace = pace
        self._characters_per_chunk = characters_per_chunk

    async def answer(self, prompt: str) -> AsyncIterator[str]:
        """Yields ``Answer: `` and the prompt; waits ``pace`` seconds before each piece."""
        for chunk in split_text(f"Answer: {prompt}", self._characters_per_chunk):
            await asyncio.sleep(self._pace)
            yield chunk
        if prompt.startswith("/fail"):
            raise EngineError("The echo engine was asked to fail, and did.")
