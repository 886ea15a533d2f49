"""How Markdown is shown in a terminal, and as it is everywhere else."""

from __future__ import annotations

import sys
from typing import Final

from sessionstream.doc import readable

MAX_WIDTH: Final = 100


def show_markdown(text: str) -> None:
    """Writes Markdown to stdout: laid out on a terminal where ``rich`` is installed, else as it is.

    What is not for a terminal stays Markdown, so that it can be kept in a file; comments, which
    are for the tests of the pages, are left out.
    """
    text = readable(text)
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    try:
        from rich.console import Console
        from rich.markdown import Markdown
    except ModuleNotFoundError:
        sys.stdout.write(text)
        return
    console = Console()
    console.print(Markdown(text), width=min(console.width, MAX_WIDTH))
