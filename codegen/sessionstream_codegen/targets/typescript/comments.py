"""Turns comments of a .proto file into TSDoc.

The lines stay as they are written. What would end the comment, or be read as a
tag, is kept from it with a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sessionstream_codegen.model import MessageDecl

_TAG = re.compile(r"^(\s*)@|\{@", re.MULTILINE)
_DEPRECATED = "@deprecated Not for new code."


def tsdoc(paragraphs: Sequence[str], indent: int = 0, deprecated: bool = False) -> str:
    """Returns the comment of paragraphs, indented; empty ones are left out."""
    texts = [_harmless(text.strip("\n")) for text in paragraphs if text.strip()]
    if deprecated:
        texts.append(_DEPRECATED)
    if not texts:
        return ""
    margin = " " * indent
    lines = "\n\n".join(texts).split("\n")
    if len(lines) == 1:
        return f"{margin}/** {lines[0]} */"
    body = "".join(f"{margin} * {line}".rstrip() + "\n" for line in lines)
    return f"{margin}/**\n{body}{margin} */"


def about(message: MessageDecl, title: str, indent: int, notes: Sequence[str] = ()) -> str:
    """Returns the comment of what stands for a message: a title, what it says, and notes."""
    return tsdoc([title, message.comment, *notes], indent, deprecated=message.is_deprecated)


def _harmless(text: str) -> str:
    text = text.replace("*/", "*\\/")
    return _TAG.sub(lambda found: found[0].replace("@", "\\@"), text)
