"""Reads a file of the user's."""

from __future__ import annotations

import codecs
import io
import os
import tokenize
from pathlib import Path

from sessionstream_codegen.scaffolding.plans import PlanError
from sessionstream_codegen.scaffolding.user.files import UserFile

_UTF_8 = frozenset({"utf-8", "utf-8-sig"})


def folder_of(path: Path) -> Path:
    """Returns the folder that a file lies in, by its own name: a link may lead there."""
    return Path(os.path.realpath(path.parent))


def read_text(path: Path) -> str:
    """Returns the text of a file, as it is.

    Raises:
        PlanError: It is not in UTF-8.
        OSError: It can't be read.
    """
    data = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if codecs.lookup(encoding).name not in _UTF_8:
            raise PlanError(
                f"{path} is written in {encoding}, nothing was changed: save it as UTF-8"
            )
        return data.decode()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not in UTF-8, nothing was changed: {error}") from error


def parsed(path: Path, text: str) -> UserFile:
    """Returns a file with this text.

    Raises:
        PlanError: It is no Python.
    """
    try:
        return UserFile(text, folder_of(path))
    except SyntaxError as error:
        why = f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        why = str(error) or "it is nested too deeply"
    raise PlanError(f"{path} can't be parsed, nothing was changed: {why}")
