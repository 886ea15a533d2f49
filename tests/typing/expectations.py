"""What a case expects: comments below the line that a type checker is to refuse.

``# E: …`` is an error of mypy's, word for word; ``# P: …`` the first line of
one of pyright's, with its rule. A text goes on in comments that are indented
further. ``# P: nothing; …`` says that pyright lets the line pass, and why;
so does ``# E: nothing; …`` of mypy.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

MYPY, PYRIGHT = "# E: ", "# P: "
NOTHING = "nothing; "


def expected(case: Path, tag: str) -> dict[int, list[str]]:
    """Returns by line what the comments with this tag say; a line with nothing has no text."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    code_line, texts = 0, list[str]()
    for number, line in enumerate(case.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text.startswith((MYPY, PYRIGHT)):
            texts = found[code_line] if text.startswith(tag) else []
            texts.append(" ".join(text[len(tag) :].split()))
        elif text.startswith("#    ") and texts:
            texts[-1] += " " + " ".join(text.removeprefix("#").split())
        else:
            code_line, texts = number, []
    return {
        line: [text for text in texts if not text.startswith(NOTHING)]
        for line, texts in found.items()
    }
