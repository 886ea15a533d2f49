"""Tracebacks without this package's frames around those of the application."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from sessionstream.errors import SessionStreamError

X = TypeVar("X", bound=BaseException)

_PACKAGE = __name__.partition(".")[0]


def shortened(error: X) -> X:
    """Cuts the frames of this package off the ends of the error's traceback, and its causes'.

    What a handler or a projection raised has come through a dozen of them;
    pytest would print each before the first line that the reader wrote. The
    other end is cut where this package meant to raise: the message says it all.
    """
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = _from_the_application(each.__traceback__)
        if isinstance(each, SessionStreamError):
            _end_in_the_application(each.__traceback__)
        each = each.__cause__
    return error


def _from_the_application(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and _is_ours(traceback):
        traceback = traceback.tb_next
    return traceback


def _end_in_the_application(traceback: TracebackType | None) -> None:
    last = None
    while traceback is not None:
        last = last if _is_ours(traceback) else traceback
        traceback = traceback.tb_next
    if last is not None:
        last.tb_next = None


def _is_ours(traceback: TracebackType) -> bool:
    module = traceback.tb_frame.f_globals.get("__name__", "")
    return str(module).partition(".")[0] == _PACKAGE
