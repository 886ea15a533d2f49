"""Comments as their writer meant them: without the marks that set them off from code.

The compilers take away ``//`` and ``/*``, and of a block's further lines the
spaces and one star that they begin with. What styles like Javadoc and Doxygen
have besides is still there, as are rulers, directives for tools, and
characters that no one sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIRECTIVE = re.compile(r"\s*(buf:(lint|breaking):ignore|@ignore-comment)\b")
# Right behind the two slashes: "/// text", "//! text".
_SLASHES = re.compile(r"\A[/!]+(?!\S)")
# Right behind the opening of a block: "/** text", "/*! text".
_OPENING = re.compile(r"\A[*!]+(?!\S)")
_RULER = re.compile(r" ?([-=*/#_+!])\1{2,}")
# No-break, ideographic and the others: code would not be what it looks like with them.
_SPACE = re.compile(r"\s")
# In a block buf takes these from a line's beginning, with the star behind them; protoc does not.
_MARGIN = re.compile(r"\A[^\S\x00-\x7f]\s*\*?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What has no width, and what turns the direction of text around: code would not be what it looks
# like. The two joiners stay: words of some languages, and emoji, are others without them.
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)


def clean(comment: str) -> str:
    """Returns the text of a comment in lines, as far to the left as they go."""
    raw = comment.expandtabs(4).splitlines()
    seen = (_plain(line) for line in raw)
    kept = [line.rstrip() for line in seen if not _DIRECTIVE.match(line)]
    lines = ["" if _RULER.fullmatch(line) else line for line in _unmarked(kept)]
    return "\n".join(_aligned(lines)).strip("\n")


def _plain(line: str) -> str:
    """Returns the line with no spaces but plain ones, and without what no one sees."""
    return _INVISIBLE.sub("", _SPACE.sub(" ", _CONTROL.sub(" ", _MARGIN.sub("", line))))


def _unmarked(lines: Sequence[str]) -> list[str]:
    """Returns the lines without the rest of the marks of a documentation comment."""
    found = [line for line in lines if line]
    if all(map(_SLASHES.match, found)):
        return [_SLASHES.sub("", line, count=1) for line in lines]
    # A star in front of every line is a list.
    if len(found) > 1 and all(map(_OPENING.match, found)):
        return list(lines)
    return [_OPENING.sub("", line, count=1) for line in lines[:1]] + list(lines[1:])


def _aligned(lines: Sequence[str]) -> list[str]:
    """Returns the lines without the indent that all of them have."""
    indents = {at: len(line) - len(line.lstrip()) for at, line in enumerate(lines) if line}
    first = min(indents, default=0)
    if len(indents) > 1 and min(indents[at] for at in indents if at != first) == 0:
        # Of a block the compilers have aligned all lines but the first.
        indents[first] = 0
        lines = [line.lstrip() if at == first else line for at, line in enumerate(lines)]
    margin = min(indents.values(), default=0)
    return [line[margin:] for line in lines]
