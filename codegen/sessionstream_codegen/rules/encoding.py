"""Rules about text that is not UTF-8.

protoc lets comments have any encoding. protobuf gives them as bytes, so that
code can be generated all the same; its implementation in Python reads nothing
of a request that has one. buf refuses such files itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionstream_codegen.diagnostics import Diagnostic, Severity, quoted
from sessionstream_codegen.model import FileDecl, Run

_LOST = "\ufffd"
_REMEDY = "save the file as UTF-8"


def check_encoding(file: FileDecl, run: Run) -> Iterator[Diagnostic]:
    """SS008, a warning: once for a file, since one remedy mends all of it."""
    for position, comment in file.garbled_comments[:1]:
        if file.has_roles:
            yield Diagnostic(
                position,
                "SS008",
                f"the comment here is not UTF-8, and is read as {_shown(comment)}; {_REMEDY}",
                severity=Severity.WARNING,
            )


def not_utf8(text: bytes) -> Diagnostic:
    """Returns SS008 for text that keeps the whole request from being read."""
    shown = _shown(text.decode(errors="replace"))
    return Diagnostic(None, "SS008", f"a .proto file is not UTF-8: it holds {shown}; {_REMEDY}")


def _shown(text: str) -> str:
    """Returns the first line of which something is lost."""
    return quoted(next(line.strip() for line in text.splitlines() if _LOST in line))
