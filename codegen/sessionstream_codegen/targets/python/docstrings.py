"""Turns the comments of a .proto file into docstrings.

A comment may hold anything; a docstring must not end early and must pass the
usual linters: the first line is one sentence, the rest stands below a blank
line. Prose is wrapped anew; lists and indented text stay as they are, with the
indent that the comment gives them. Lines of code are not broken.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from sessionstream_codegen.targets.python.layout import LINE_LENGTH

_QUOTES = '"""'
# Prose may begin with *emphasis* and with `code`.
_VERBATIM = re.compile(r"\s|[-+•#>|]|\*(?!\*?\w[^*]*\*)|```|~~~|\d+[.)]\s")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_CODE = re.compile(rf"{_FENCE.pattern}| {{4}}(?! *([-+*•]|\d+[.)]) )")
_LOWER_WORD = re.compile(r"[a-z][a-z']*[.,;:!?]*( |$)")
_SENTENCE = re.compile(r"(.+?[.!?])\s+(?=\S)")


def docstring(
    comment: str, default: str, indent: int, notes: Sequence[str] = (), name: str = ""
) -> str:
    """Returns the docstring literal of a comment, indented.

    ``default`` is the summary where the comment has none that fits a line;
    ``notes`` are closing paragraphs of ours; empty ones are left out. ``name``
    is that of the function: a sentence that calls it is no summary of it.
    """
    summary, blocks = split_summary(comment, _summary_width(indent))
    if _calls(name, summary):
        summary, blocks = "", split_blocks(comment)
    return literal(summary or default, [*blocks, *filter(None, notes)], indent)


def brief(comment: str, default: str, indent: int, name: str = "") -> str:
    """Returns the docstring literal of a comment's first sentence, indented."""
    summary = first_sentence(comment, indent)
    return literal(default if _calls(name, summary) else summary or default, [], indent)


def first_sentence(comment: str, indent: int) -> str:
    """Returns the summary of a comment, or nothing where none fits a line."""
    return split_summary(comment, _summary_width(indent))[0]


def literal(summary: str, blocks: list[str], indent: int) -> str:
    """Returns the docstring literal of a summary and the blocks below it."""
    text = "\n\n".join([summary, *(_wrap(block, LINE_LENGTH - indent) for block in blocks)])
    closing = f"\n{_QUOTES}" if blocks else _QUOTES
    mark = "r" if "\\" in text else ""
    return textwrap.indent(f"{mark}{_QUOTES}{text}{closing}", " " * indent)


def split_summary(comment: str, width: int) -> tuple[str, list[str]]:
    """Splits a comment into a summary of at most ``width`` characters and blocks.

    The summary is a sentence; it is empty where the comment has none so short.
    """
    blocks = split_blocks(comment)
    if not blocks or _is_verbatim(blocks[0]) or blocks[0].startswith('"'):
        return "", blocks
    prose = " ".join(blocks[0].split())
    if len(prose) < width:
        return _as_sentence(prose), blocks[1:]
    sentence = _SENTENCE.match(prose)
    if sentence is not None and len(sentence[1]) < width:
        return _as_sentence(sentence[1]), [prose[sentence.end() :], *blocks[1:]]
    return "", blocks


def split_blocks(comment: str) -> list[str]:
    """Returns the paragraphs, as they are written.

    A list below prose is a block of its own; between fences, blank lines set nothing apart.
    """
    blocks: list[list[str]] = []
    prose = after_blank = True
    for line, fenced in _fenced(comment.replace(_QUOTES, "'''").split("\n")):
        if not (line.strip() or fenced):
            after_blank = True
            continue
        verbatim = fenced or _VERBATIM.match(line) is not None
        if after_blank or (prose and verbatim):
            blocks.append([])
            prose = not verbatim
        blocks[-1].append(line)
        after_blank = False
    return ["\n".join(block) for block in blocks]


def _fenced(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yields the lines and whether each is below a fence that is open, or closes it."""
    fenced = False
    for line in lines:
        yield line, fenced
        if _FENCE.match(line):
            fenced = not fenced


def _calls(name: str, sentence: str) -> bool:
    """Says whether linters take a sentence for the signature of the function: ``go() ends``."""
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}\s*\(", sentence) is not None


def _summary_width(indent: int) -> int:
    # What remains of a line beside a prefix for backslashes and the quotes.
    return LINE_LENGTH - indent - 7


def _as_sentence(prose: str) -> str:
    if _LOWER_WORD.match(prose):
        prose = prose[0].upper() + prose[1:]
    return prose if prose[-1] in ".!?" else prose.rstrip(" ,;:-\\") + "."


def _is_verbatim(block: str) -> bool:
    return any(_VERBATIM.match(line) for line in block.split("\n"))


def _wrap(block: str, width: int) -> str:
    if not _is_verbatim(block):
        return _fill(" ".join(block.split()), width, "")
    if _CODE.match(block):
        return block
    lines = []
    for line in block.split("\n"):
        hanging = " " * (len(line) - len(line.lstrip()) + 2)
        lines.append(_fill(line, width, hanging) if len(line) > width else line)
    return "\n".join(lines)


def _fill(text: str, width: int, hanging: str) -> str:
    return textwrap.fill(
        text,
        width,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
