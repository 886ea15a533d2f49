"""What a request asks for beside its path: in its query and in its headers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from sessionstream.errors import SessionIdError
from sessionstream.transport.access import ConnectionRequest
from sessionstream.transport.client_frames import MAX_ID_LENGTH
from sessionstream.transport.http.problems import ProblemCode, ProblemError
from sessionstream.types import check_session_id

MAX_UINT64: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class At:
    """A position as text, ``epoch:ordinal``: the id of a Server-Sent Event, part of an ETag."""

    epoch: str
    ordinal: int

    def __str__(self) -> str:
        # A header and a line take few characters as they are.
        return f"{quote(self.epoch, safe='')}:{self.ordinal}"


def parameters(request: ConnectionRequest, *known: str) -> Mapping[str, str]:
    """Returns those of the query's parameters that are ``known``.

    Others are let pass: a token for the hook, or what a proxy adds.

    Raises:
        ProblemError: ``bad_request``: one occurs twice.
    """
    found: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name in found:
            raise ProblemError(ProblemCode.BAD_REQUEST, f"{name} is given more than once")
        if name in known:
            found[name] = value
    return found


def checked_session_id(session_id: str) -> str:
    """Returns the session id of a path.

    Raises:
        ProblemError: ``protocol_error``: no session can have it.
    """
    try:
        return check_session_id(session_id)
    except SessionIdError as error:
        raise ProblemError("protocol_error", str(error)) from error


def single_header(request: ConnectionRequest, name: str) -> str | None:
    """Returns a header's value; None where there is none.

    Raises:
        ProblemError: ``bad_request``: it occurs twice.
    """
    values = request.headers.get(name, ())
    if len(values) > 1:
        raise ProblemError(ProblemCode.BAD_REQUEST, f"the header {name} is given more than once")
    return values[0] if values else None


def whole_number(name: str, text: str) -> int:
    """Returns an ordinal.

    Raises:
        ProblemError: ``bad_request``: it is no uint64.
    """
    # int() would take signs, spaces, underscores and the digits of other scripts.
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else -1
    if not 0 <= number <= MAX_UINT64:
        raise ProblemError(ProblemCode.BAD_REQUEST, f"{name} is a whole number; got {text[:40]!r}")
    return number


def position(text: str) -> At:
    """Returns the position that an event's id names.

    Raises:
        ProblemError: ``bad_request``: it is no such id.
    """
    epoch, separator, ordinal = text.rpartition(":")
    if not separator:
        message = f"an event's id is <epoch>:<ordinal>; got {text[:40]!r}"
        raise ProblemError(ProblemCode.BAD_REQUEST, message)
    return At(unquote(epoch), whole_number("the ordinal of an event's id", ordinal))


def command_id(request: ConnectionRequest) -> str | None:
    """Returns the ``Idempotency-Key``, with or without quotes; None where there is none.

    Raises:
        ProblemError: ``bad_request``: it is empty, too long, not ASCII, or occurs twice.
    """
    value = single_header(request, "idempotency-key")
    if value is None:
        return None
    key = value.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    # It goes back in a header, which can't carry more.
    if not (0 < len(key) <= MAX_ID_LENGTH and key.isascii() and key.isprintable()):
        message = f"an Idempotency-Key has 1 to {MAX_ID_LENGTH} characters of ASCII"
        raise ProblemError(ProblemCode.BAD_REQUEST, message)
    return key


def wait_seconds(request: ConnectionRequest, longest: float) -> float:
    """Returns how long the client waits for the outcome of its command.

    That is ``?wait=`` in seconds, else the preferences ``wait`` and
    ``respond-async`` (RFC 7240), else ``longest``, and never more than that.

    Raises:
        ProblemError: ``bad_request``: the query's is no time.
    """
    asked = parameters(request, "wait").get("wait")
    if asked is not None:
        seconds = _seconds(asked)
        if seconds is None:
            raise ProblemError(ProblemCode.BAD_REQUEST, f"wait is in seconds; got {asked[:40]!r}")
        return min(longest, seconds)
    preferences = _preferences(request)
    # A preference that can't be used is as if it were not there (RFC 7240 section 2).
    preferred = _seconds(preferences.get("wait", ""))
    if preferred is None:
        return 0.0 if "respond-async" in preferences else longest
    return min(longest, preferred)


def _seconds(text: str) -> float | None:
    """Returns a time of 0 or more; None where it is none."""
    try:
        seconds = float(text) if text.isascii() else math.nan
    except ValueError:
        return None
    return seconds if seconds >= 0 else None


def _preferences(request: ConnectionRequest) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in ",".join(request.headers.get("prefer", ())).split(","):
        name, _, value = each.partition(";")[0].partition("=")
        # Of one that is given twice, the first counts (RFC 7240 section 2).
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found
