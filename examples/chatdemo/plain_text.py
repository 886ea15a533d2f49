"""Markdown of the documentation as text that reads well in a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionstream.doc import readable

_FENCE = "```"
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")
_CODE = re.compile(r"(`[^`]+`)")
# One star or two around words; a star that stands alone is none.
_EMPHASIS = re.compile(r"(\*\*?)(?=\S)([^*]+)(?<=\S)\1")
_RULE = re.compile(r"\|[\s:|-]+\|")
_ITEM = re.compile(r"(?:[-*]|\d+\.) ")
_INDENT = "    "


def paragraphs(markdown: str) -> Iterator[str]:
    """Yields the paragraphs: each is one line, a list, a table, or code, which is indented."""
    kept: list[str] = []
    is_code = False
    for line in [*readable(markdown).splitlines(), ""]:
        fence = line.strip().startswith(_FENCE)
        if fence or (not line.strip() and not is_code):
            if kept:
                yield _code(kept) if is_code or _is_indented(kept) else _prose(kept)
            kept = []
            is_code ^= fence
        else:
            kept.append(line)


def _code(lines: list[str]) -> str:
    indented = _is_indented(lines)
    return "\n".join(line if indented or not line else f"{_INDENT}{line}" for line in lines)


def _is_indented(lines: list[str]) -> bool:
    return all(line.startswith(_INDENT) or not line for line in lines)


def _prose(lines: list[str]) -> str:
    joined: list[str] = []
    for line in lines:
        text = line.strip()
        if _RULE.fullmatch(text):
            continue
        if not joined or text.startswith("|") or _ITEM.match(text):
            joined.append(text)
        else:
            joined[-1] += f" {text}"
    return "\n".join(_line(text) for text in joined)


def _line(text: str) -> str:
    """Returns a line without marks; what is code stays between its marks, as it is."""
    if text.startswith("|"):
        cells = (cell.strip() for cell in text.strip("|").split("|"))
        text = "\N{BULLET} " + " \N{EN DASH} ".join(cell for cell in cells if cell)
    elif text.startswith(("- ", "* ")):
        text = "\N{BULLET} " + text[2:]
    text = _LINK.sub(r"\1", text)
    parts = _CODE.split(text)
    return "".join(part if part.startswith("`") else _EMPHASIS.sub(r"\2", part) for part in parts)
