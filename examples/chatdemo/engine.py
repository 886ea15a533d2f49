"""What answers a prompt. Put a model's client in the place of `DocsEngine`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from chatdemo.graphemes import split_text
from chatdemo.passage import find
from chatdemo.plain_text import paragraphs
from sessionstream.doc import Section

# More of a section is left to the page that it is from.
MAX_SECTION_LENGTH = 1200

_NOTHING_FOUND = (
    "The documentation of sessionstream says nothing of that, and I know nothing else. "
    "Ask me, for example, what a projection is, how a client resumes after a reconnect, "
    "or how to write a store."
)
_PIECE = re.compile(r"\S+\s*|\s+")


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
        _fail_if_asked(prompt, self.name)


class DocsEngine:
    """Answers with the section of the embedded documentation that fits best, word by word.

    It says which section that is, or that there is none; needs no network. A
    prompt that begins with ``/fail`` fails on its way here, too.
    """

    name = "docs"

    def __init__(self, *, pace: float = 0.05) -> None:
        self._pace = pace

    async def answer(self, prompt: str) -> AsyncIterator[str]:
        """Yields the section's text and where it is from; waits ``pace`` seconds before each word.

        The first question reads all pages, on a thread of its own.
        """
        section = await asyncio.to_thread(find, prompt)
        text = _NOTHING_FOUND if section is None else "".join(_told(section))
        for piece in _PIECE.findall(text):
            await asyncio.sleep(self._pace)
            yield piece
        _fail_if_asked(prompt, self.name)


def _told(section: Section) -> Iterator[str]:
    entry = section.entry
    where = "its beginning" if section.title == entry.title else f"\u201c{section.title}\u201d"
    length = 0
    for paragraph in paragraphs(section.text):
        if length and length + len(paragraph) > MAX_SECTION_LENGTH:
            yield "[\u2026]\n\n"
            break
        length += len(paragraph)
        yield f"{paragraph}\n\n"
    yield (f"From \u201c{entry.title}\u201d, {where}. All of it: sessionstream help {entry.slug}")


def _fail_if_asked(prompt: str, name: str) -> None:
    if prompt.startswith("/fail"):
        raise EngineError(f"The {name} engine was asked to fail, and did.")
